// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace converge::detail {

/// Guards on one event in one machine: each doubles the event's letters.
inline constexpr std::size_t maximum_guards = 4;
inline constexpr std::size_t maximum_sends = 4;

/// A row as data.
struct raw_row {
    type_identity from = nullptr;
    type_identity event = nullptr;
    type_identity to = nullptr;
    std::array<type_identity, maximum_guards> guards{};
    std::array<bool, maximum_guards> wanted{};
    std::array<type_identity, maximum_sends> sends{};    // a compensation stands as the command it undoes ...
    std::array<std::int8_t, maximum_sends> send_signs{}; // ... with the sign -1
    std::uint8_t guard_count = 0;
    std::uint8_t send_count = 0;

    /// Whether the row decides its event when the event's guards come out as the bits of `outcome` say.
    template <class Guards>
    constexpr bool admits(Guards const& of_event, std::size_t count, std::size_t outcome) const {
        for (std::size_t mine = 0; mine < guard_count; ++mine)
            for (std::size_t bit = 0; bit < count; ++bit)
                if (of_event[bit] == guards[mine] && ((outcome >> bit) & 1U) != (wanted[mine] ? 1U : 0U))
                    return false;
        return true;
    }
};

/// Strips the guards off a letter and notes them in the row.
template <class Letter> struct letter_parts {
    using event = Letter;
    static constexpr std::size_t guard_count = 0;
    static consteval void note(raw_row&) {}
};

template <class Letter, class Guard, bool Wanted> struct guarded_letter_parts {
    using event = typename letter_parts<Letter>::event;
    static constexpr std::size_t guard_count = letter_parts<Letter>::guard_count + 1;
    static_assert(guard_count <= maximum_guards, "an event has at most 4 guards in one machine");
    static consteval void note(raw_row& row) {
        letter_parts<Letter>::note(row);
        row.guards[row.guard_count] = identity_of<Guard>;
        row.wanted[row.guard_count++] = Wanted;
    }
};

template <class Letter, class Guard>
struct letter_parts<if_<Letter, Guard>> : guarded_letter_parts<Letter, Guard, true> {};

template <class Letter, class Guard>
struct letter_parts<unless<Letter, Guard>> : guarded_letter_parts<Letter, Guard, false> {};

/// What a command counts for: itself, or less of the command it undoes.
template <class Command> struct net_command {
    using type = Command;
    static constexpr std::int8_t sign = 1;
};

template <class Command>
    requires requires { typename Command::undoes; }
struct net_command<Command> {
    using type = typename Command::undoes;
    static constexpr std::int8_t sign = -1;
};

template <class Row> struct row_parts;

template <class From, class On, class To>
struct row_parts<row<From, On, To>> : row_parts<row<From, On, To, send<>>> {};

template <class From, class On, class To, class... Commands>
struct row_parts<row<From, On, To, send<Commands...>>> {
    using from = From;
    using letter = On;
    using event = typename letter_parts<On>::event;
    using to = To;
    using commands = boost::mp11::mp_list<Commands...>;
    static_assert(sizeof...(Commands) <= maximum_sends, "a row sends at most 4 commands");

    static consteval raw_row raw() {
        raw_row made;
        made.from = identity_of<From>;
        made.event = identity_of<event>;
        made.to = identity_of<To>;
        letter_parts<On>::note(made);
        ((made.sends[made.send_count] = identity_of<typename net_command<Commands>::type>,
          made.send_signs[made.send_count++] = net_command<Commands>::sign),
         ...);
        return made;
    }
};

/// An entry of the table as a list of rows.
template <class Entry> struct rows_of_entry {
    static_assert(sizeof(Entry) == 0, "transitions<...> takes row<...> and stay<...>");
};

template <class From, class On, class To, class... Sends> struct rows_of_entry<row<From, On, To, Sends...>> {
    static_assert(sizeof...(Sends) <= 1, "a row takes at most one send<...>, which lists its commands");
    using type = boost::mp11::mp_list<row<From, On, To, Sends...>>;
};

template <class State, class... Events> struct rows_of_entry<stay<State, Events...>> {
    using type = boost::mp11::mp_list<row<State, Events, State>...>;
};

template <class Entry> using rows_of_entry_t = typename rows_of_entry<Entry>::type;

/// All rows of a machine, `stay` written out.
template <class Machine>
using machine_rows = boost::mp11::mp_flatten<
    boost::mp11::mp_transform<rows_of_entry_t, typename Machine::transitions::entries>>;

template <class... Rows> consteval auto raw_rows(boost::mp11::mp_list<Rows...>) {
    return std::array<raw_row, sizeof...(Rows)>{row_parts<Rows>::raw()...};
}

template <class Machine> consteval auto rows_of() { return raw_rows(machine_rows<Machine>{}); }

template <class Machine> consteval type_identity initial_of() {
    if constexpr (requires { typename Machine::initial; })
        return identity_of<typename Machine::initial>;
    else
        return identity_of<typename row_parts<boost::mp11::mp_front<machine_rows<Machine>>>::from>;
}

/// Index of a type among the identities of a table; the array's size if it is not there.
template <class Type, class Array> constexpr std::size_t index_in(Array const& identities) {
    std::size_t at = 0;
    while (at < identities.size() && identities[at] != identity_of<Type>)
        ++at;
    return at;
}

} // namespace converge::detail
