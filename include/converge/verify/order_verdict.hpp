// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/order_check.hpp>
#include <converge/verify/process_types.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

// From two histories that differ to the verdict that names them. Only taken when a check failed.
namespace converge::detail {

template <class... Types> using joined_lists = boost::mp11::mp_append<boost::mp11::mp_list<>, Types...>;

// --- the histories

template <class Check, bool Other> struct spelled_history {
    template <std::size_t... Steps>
    static auto spell(std::index_sequence<Steps...>) -> history<process_letter_type<
        typename Check::process, Check::histories.plan.letters[Check::path.letter(Other, Steps)].letter>...>;
    using type = decltype(spell(std::make_index_sequence<Check::path.length(Other)>{}));
};

// --- the states in which the ends differ

template <class Process, std::size_t Machine>
using machine_number = type_number<machines_of<Process>, Machine>;

template <class Check, std::size_t Node, std::size_t Machine>
using node_state =
    state_type<machine_number<typename Check::process, Machine>, Check::histories.states[Node][Machine]>;

template <class Check, bool Other, std::size_t Machine> struct differing_state {
    static auto find() {
        constexpr auto mine = Check::end_of(Other);
        if constexpr (
            Check::histories.states[mine][Machine] != Check::histories.states[Check::end_of(!Other)][Machine])
            return boost::mp11::mp_list<std::type_identity<node_state<Check, mine, Machine>>>{};
        else
            return boost::mp11::mp_list<>{};
    }
    using type = decltype(find());
};

// --- the effects that stand at one end and not at the other

template <class Check, class Condition> consteval bool may_hold(std::size_t node) {
    using predicates = boost::mp11::mp_unique<predicates_of_term<Condition>>;
    for (unsigned answers = 0; answers < (1U << boost::mp11::mp_size<predicates>::value); ++answers)
        if (term_parts<Condition>::template value<typename Check::process>(
                Check::histories.states[node], assumed_data<predicates>{answers}))
            return true;
    return false;
}

template <class Check, bool Other, class Condition, class Shown> struct differing_effect {
    static auto find() {
        if constexpr ((machines_in_condition<typename Check::process, Condition> & Check::failing) != 0) {
            if constexpr (
                may_hold<Check, Condition>(Check::end_of(Other)) &&
                !may_hold<Check, Condition>(Check::end_of(!Other)))
                return boost::mp11::mp_list<std::type_identity<Shown>>{};
            else
                return boost::mp11::mp_list<>{};
        } else {
            return boost::mp11::mp_list<>{};
        }
    }
    using type = decltype(find());
};

template <class Identity> using unwrapped = typename Identity::type;

template <class Check, bool Other> struct spelled_end {
    template <class... Effects, class... Outcomes>
    static auto effects(boost::mp11::mp_list<Effects...>, boost::mp11::mp_list<Outcomes...>) -> joined_lists<
        typename differing_effect<
            Check, Other, typename Effects::condition, typename Effects::command>::type...,
        typename differing_effect<Check, Other, Outcomes, Outcomes>::type...>;

    using standing =
        decltype(effects(effects_of<typename Check::process>{}, outcomes_of<typename Check::process>{}));
    using stands_list = std::conditional_t<
        boost::mp11::mp_empty<standing>::value, boost::mp11::mp_list<>,
        boost::mp11::mp_list<boost::mp11::mp_rename<boost::mp11::mp_transform<unwrapped, standing>, stands>>>;

    template <std::size_t... Machines>
    static auto states(std::index_sequence<Machines...>)
        -> joined_lists<typename differing_state<Check, Other, Machines>::type...>;
    using states_list = boost::mp11::mp_transform<
        unwrapped, decltype(states(std::make_index_sequence<machine_count_of<typename Check::process>>{}))>;

    using type = boost::mp11::mp_rename<
        joined_lists<
            boost::mp11::mp_list<typename spelled_history<Check, Other>::type>, states_list, stands_list>,
        ends>;
};

// --- the commands that the rows have sent

template <class Check, bool Other, std::size_t Command> struct sent_command {
    static auto count() {
        constexpr auto net = Check::path.sent(Check::composed::view(), Other, Command);
        using command = type_number<row_commands_of<typename Check::process>, Command>;
        if constexpr (net == 0)
            return boost::mp11::mp_list<>{};
        else if constexpr (net == 1)
            return boost::mp11::mp_list<std::type_identity<command>>{};
        else
            return boost::mp11::mp_list<std::type_identity<times<net, command>>>{};
    }
    using type = decltype(count());
};

template <class Check, bool Other> struct spelled_sends {
    static constexpr auto commands = boost::mp11::mp_size<row_commands_of<typename Check::process>>::value;

    template <std::size_t... Commands>
    static auto spell(std::index_sequence<Commands...>) -> boost::mp11::mp_rename<
        boost::mp11::mp_push_front<
            boost::mp11::mp_transform<
                unwrapped, joined_lists<typename sent_command<Check, Other, Commands>::type...>>,
            typename spelled_history<Check, Other>::type>,
        sends>;
    using type = decltype(spell(std::make_index_sequence<commands>{}));
};

// --- what would mend it

/// The letter of a machine that a letter of the composition is for it.
template <class Check> consteval std::size_t letter_of_machine(std::size_t letter, std::size_t machine) {
    using process = typename Check::process;
    auto const& table = process_table_of<process>;
    auto const number = Check::histories.plan.letters[letter].letter;
    for (auto at = table.first_target[number]; at < table.first_target[number + 1U]; ++at)
        if (table.targets[at].machine == machine)
            return (table.targets[at].offset - composition_data<process>::first_cell[machine]) /
                   composition_data<process>::state_counts[machine];
    return 0;
}

/// The row that leads one machine from a node to the states of another.
template <class Check, std::size_t Machine, std::size_t From, std::size_t Letter, std::size_t To>
struct row_between {
    using machine = machine_number<typename Check::process, Machine>;
    using letter = letter_type<machine, letter_of_machine<Check>(Letter, Machine)>;
    using from = node_state<Check, From, Machine>;
    using type = std::conditional_t<
        Check::histories.states[From][Machine] == Check::histories.states[To][Machine], stay<from, letter>,
        row<from, letter, node_state<Check, To, Machine>>>;
};

/// The first machine whose states differ at two nodes.
template <class Check> consteval std::size_t machine_to_mend(std::size_t one, std::size_t other) {
    std::size_t machine = 0;
    while (machine + 1 < Check::machines &&
           Check::histories.states[one][machine] == Check::histories.states[other][machine])
        ++machine;
    return machine;
}

template <class Check> struct mended_orders {
    static constexpr auto const& found = Check::found;
    static constexpr std::size_t after_first = Check::histories.after(found.node, found.first);
    static constexpr std::size_t after_second = Check::histories.after(found.node, found.second);
    static constexpr std::size_t one = Check::histories.after(after_first, found.second);
    static constexpr std::size_t other = Check::histories.after(after_second, found.first);
    static constexpr auto machine = machine_to_mend<Check>(one, other);
    using type = mend_with_either<
        typename row_between<Check, machine, after_second, found.first, one>::type,
        typename row_between<Check, machine, after_first, found.second, other>::type>;
};

template <class Check> struct mended_redelivery {
    static constexpr auto const& found = Check::found;
    static constexpr std::size_t once = Check::histories.after(found.node, found.first);
    static constexpr std::size_t twice = Check::histories.after(once, found.second);
    static constexpr auto machine = machine_to_mend<Check>(once, twice);
    using event =
        type_number<events_of<typename Check::process>, Check::histories.plan.letters[found.first].event>;
    using type =
        mend_with_either<typename row_between<Check, machine, once, found.first, once>::type, repeats<event>>;
};

/// The row command that differs between the histories, as an effect of the state in which its machine ends.
template <class Check> struct mended_commands {
    static consteval std::size_t differing_command() {
        std::size_t command = 0;
        auto const view = Check::composed::view();
        while (command + 1 < view.commands &&
               Check::path.sent(view, false, command) == Check::path.sent(view, true, command))
            ++command;
        return command;
    }
    static constexpr auto machine = [] {
        std::size_t first = 0;
        while (first + 1 < Check::machines && !has_machine(Check::failing, first))
            ++first;
        return first;
    }();
    using effect_type = effect<
        when<node_state<Check, Check::end_of(false), machine>>,
        type_number<row_commands_of<typename Check::process>, differing_command()>>;
    using type = mend_with<effect_type>;
};

// --- the verdict; `Named` is the process or machine that is asserted

template <class Named, class Check, order_fault Fault = Check::found.fault> struct order_verdict;

template <class Named, class Check> struct order_verdict<Named, Check, order_fault::none> {
    using type = converges<Named>;
};
template <class Named, class Check> struct order_verdict<Named, Check, order_fault::states> {
    using type = two_orders_end_in_different_places<
        Named, typename spelled_end<Check, false>::type, typename spelled_end<Check, true>::type,
        typename mended_orders<Check>::type>;
};
template <class Named, class Check> struct order_verdict<Named, Check, order_fault::commands> {
    using type = two_orders_send_different_commands<
        Named, typename spelled_sends<Check, false>::type, typename spelled_sends<Check, true>::type,
        typename mended_commands<Check>::type>;
};
template <class Named, class Check> struct order_verdict<Named, Check, order_fault::redelivery_states> {
    using type = redelivery_ends_in_a_different_place<
        Named, typename spelled_end<Check, false>::type, typename spelled_end<Check, true>::type,
        typename mended_redelivery<Check>::type>;
};
template <class Named, class Check> struct order_verdict<Named, Check, order_fault::redelivery_commands> {
    using type = redelivery_sends_commands_again<
        Named, typename spelled_sends<Check, false>::type, typename spelled_sends<Check, true>::type,
        typename mended_commands<Check>::type>;
};

} // namespace converge::detail
