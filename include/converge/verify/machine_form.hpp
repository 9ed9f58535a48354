// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine_rows.hpp>
#include <converge/verify/form_verdict.hpp>
#include <converge/verify/history.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

// Whether a machine is written as one. What is wrong is only looked for where an entry has no rows.
namespace converge::detail {

enum class entry_form { good, no_entry, no_event, no_target, commands_apart, too_many_commands };

template <class Entry> inline constexpr entry_form form_of_entry = entry_form::no_entry;

template <class From, class On, class To, class... Sends>
inline constexpr entry_form form_of_entry<row<From, On, To, Sends...>> = entry_form::commands_apart;

template <class From, class On, class To>
inline constexpr entry_form form_of_entry<row<From, On, To>> = entry_form::good;

template <class From, class On, class To, class... Commands>
inline constexpr entry_form form_of_entry<row<From, On, To, send<Commands...>>> =
    sizeof...(Commands) <= maximum_sends ? entry_form::good : entry_form::too_many_commands;

template <class From, class On>
inline constexpr entry_form form_of_entry<row<From, On, void>> = entry_form::no_target;

template <class From, class On, class... Commands>
inline constexpr entry_form form_of_entry<row<From, On, send<Commands...>>> = entry_form::no_target;

template <class State, class... Events>
inline constexpr entry_form form_of_entry<stay<State, Events...>> =
    sizeof...(Events) != 0 ? entry_form::good : entry_form::no_event;

template <class... Entries> consteval auto forms_of_entries(boost::mp11::mp_list<Entries...>) {
    return std::array<entry_form, sizeof...(Entries)>{form_of_entry<Entries>...};
}

/// Whether each entry has rows: then all are well written, and nothing else need be asked of them.
constexpr bool have_rows(entry_rows const* entry, entry_rows const* end) {
    while (entry != end && entry->size != 0)
        ++entry;
    return entry == end;
}

template <class Machine>
inline constexpr bool entries_have_rows =
    !entries_of<Machine>.empty() &&
    have_rows(entries_of<Machine>.data(), entries_of<Machine>.data() + entries_of<Machine>.size());

/// The first entry that is not well written.
template <class Machine> consteval std::size_t find_bad_entry() {
    constexpr auto forms = forms_of_entries(typename Machine::transitions::entries{});
    std::size_t at = 0;
    while (forms[at] == entry_form::good)
        ++at;
    return at;
}

/// What was written after the states of a row, as commands.
template <class Type> struct meant_commands {
    using type = boost::mp11::mp_list<Type>;
};
template <class... Commands> struct meant_commands<send<Commands...>> {
    using type = boost::mp11::mp_list<Commands...>;
};

template <class Machine, class Entry, entry_form Form> struct entry_verdict;

template <class Machine, class Entry> struct entry_verdict<Machine, Entry, entry_form::no_entry> {
    using type = transitions_list_what_is_neither_row_nor_stay<Machine, Entry>;
};
template <class Machine, class Entry> struct entry_verdict<Machine, Entry, entry_form::no_event> {
    using type = stay_names_no_event<Machine, Entry>;
};
template <class Machine, class From, class On, class To>
struct entry_verdict<Machine, row<From, On, To>, entry_form::no_target> {
    using stays =
        std::conditional_t<std::is_void_v<To>, stay<From, On>, row<From, On, From, To>>; // `To` is its
                                                                                         // commands
    using type = row_leads_to_no_state<Machine, row<From, On, To>, mend_with<stays>>;
};
template <class Machine, class From, class On, class To, class... Sends>
struct entry_verdict<Machine, row<From, On, To, Sends...>, entry_form::commands_apart> {
    using sends = boost::mp11::mp_rename<
        boost::mp11::mp_append<boost::mp11::mp_list<>, typename meant_commands<Sends>::type...>, send>;
    using type = row_takes_one_send_with_all_commands<
        Machine, row<From, On, To, Sends...>, mend_with<row<From, On, To, sends>>>;
};
template <class Machine, class Entry> struct entry_verdict<Machine, Entry, entry_form::too_many_commands> {
    using type = row_sends_more_than_four_commands<Machine, Entry>;
};

template <class Type> inline constexpr bool is_list_of_states = false;
template <class... States> inline constexpr bool is_list_of_states<states<States...>> = true;

template <class Machine>
concept lists_its_final_states = !requires { typename Machine::final_states; } ||
                                 requires { requires is_list_of_states<typename Machine::final_states>; };

template <class Machine> consteval auto decide_machine_form() {
    using entries = typename Machine::transitions::entries;
    if constexpr (boost::mp11::mp_empty<entries>::value) {
        return machine_has_no_rows<Machine>{};
    } else if constexpr (!entries_have_rows<Machine>) {
        using entry = typename boost::mp11::mp_at_c<
            boost::mp11::mp_transform<std::type_identity, entries>, find_bad_entry<Machine>()>::type;
        return typename entry_verdict<Machine, entry, form_of_entry<entry>>::type{};
    } else if constexpr (!lists_its_final_states<Machine>) {
        using given = typename Machine::final_states;
        return member_type_must_be_a_list<Machine, given, mend_with<states<given>>>{};
    } else {
        return converges<Machine>{};
    }
}

} // namespace converge::detail
