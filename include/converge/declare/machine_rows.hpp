// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace converge::detail {

/// Guards on one event in one machine: each doubles the event's letters.
inline constexpr std::size_t maximum_guards = 4;
inline constexpr std::size_t maximum_sends = 4;

/// What few rows have: guards on the event, and commands.
struct row_additions {
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

/// A row as data. What most rows do not have stands apart and is shared by rows that have the same, for the
/// compiler's time is in the number of values.
struct raw_row {
    type_identity from = nullptr;
    type_identity event = nullptr;
    type_identity to = nullptr;
    row_additions const* additions = nullptr;
};

/// Strips the guards off a letter and notes them.
template <class Letter> struct letter_parts {
    using event = Letter;
    static constexpr std::size_t guard_count = 0;
    static consteval void note(row_additions&) {}
};

template <class Letter, class Guard, bool Wanted> struct guarded_letter_parts {
    using event = typename letter_parts<Letter>::event;
    static constexpr std::size_t guard_count = letter_parts<Letter>::guard_count + 1;
    static_assert(guard_count <= maximum_guards, "an event has at most 4 guards in one machine");
    static consteval void note(row_additions& row) {
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

template <class On, class... Commands> consteval row_additions make_additions() {
    static_assert(sizeof...(Commands) <= maximum_sends, "a row sends at most 4 commands");
    row_additions made;
    letter_parts<On>::note(made);
    ((made.sends[made.send_count] = identity_of<typename net_command<Commands>::type>,
      made.send_signs[made.send_count++] = net_command<Commands>::sign),
     ...);
    return made;
}

template <class On, class... Commands>
inline constexpr row_additions additions_of = make_additions<On, Commands...>();

/// The types of a row.
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
};

/// An entry of the table as a list of rows.
template <class Entry> struct rows_of_entry {
    using type = boost::mp11::mp_list<>;
};

template <class From, class On, class To, class... Sends> struct rows_of_entry<row<From, On, To, Sends...>> {
    using type = boost::mp11::mp_list<row<From, On, To, Sends...>>;
};

template <class State, class... Events> struct rows_of_entry<stay<State, Events...>> {
    using type = boost::mp11::mp_list<row<State, Events, State>...>;
};

template <class Entry> using rows_of_entry_t = typename rows_of_entry<Entry>::type;

/// All rows of a machine as types, `stay` written out. Only what names rows needs it: diagrams, errors and
/// the commands of rows. The tables are made from `rows_of`, which makes no type for a row of a `stay`.
template <class Machine>
using machine_rows = boost::mp11::mp_flatten<
    boost::mp11::mp_transform<rows_of_entry_t, typename Machine::transitions::entries>>;

/// The rows of an entry as data, in the order of `machine_rows`.
struct entry_rows {
    raw_row const* first = nullptr;
    std::size_t size = 0;
};

template <class From, class On, class To, class... Commands>
inline constexpr raw_row single_row{
    identity_of<From>, identity_of<typename letter_parts<On>::event>, identity_of<To>,
    &additions_of<On, Commands...>};

template <class State, class... Events>
inline constexpr std::array<raw_row, sizeof...(Events)> stay_rows{raw_row{
    identity_of<State>, identity_of<typename letter_parts<Events>::event>, identity_of<State>,
    &additions_of<Events>}...};

// What is no well-written entry has no rows, by which `verified` tells it, and says what it is.
template <class Entry> inline constexpr entry_rows rows_in_entry{};

template <class From, class On, class To, class... Sends>
inline constexpr entry_rows rows_in_entry<row<From, On, To, Sends...>>{};

template <class From, class On, class To>
inline constexpr entry_rows rows_in_entry<row<From, On, To>>{&single_row<From, On, To>, 1};

template <class From, class On> inline constexpr entry_rows rows_in_entry<row<From, On, void>>{};

template <class From, class On, class... Commands>
inline constexpr entry_rows rows_in_entry<row<From, On, send<Commands...>>>{};

template <class From, class On, class To, class... Commands>
    requires(sizeof...(Commands) <= maximum_sends)
inline constexpr entry_rows rows_in_entry<row<From, On, To, send<Commands...>>>{
    &single_row<From, On, To, Commands...>, 1};

template <class State, class... Events>
inline constexpr entry_rows rows_in_entry<stay<State, Events...>>{
    stay_rows<State, Events...>.data(), sizeof...(Events)};

template <class... Entries> consteval auto list_entries(boost::mp11::mp_list<Entries...>) {
    return std::array<entry_rows, sizeof...(Entries)>{rows_in_entry<Entries>...};
}

/// The entries of a machine's table as data.
template <class Machine>
inline constexpr auto entries_of = list_entries(typename Machine::transitions::entries{});

template <class Machine> consteval auto join_entries() {
    constexpr auto const& entries = entries_of<Machine>;
    constexpr std::size_t size = [] {
        std::size_t sum = 0;
        for (auto const& entry : entries)
            sum += entry.size;
        return sum;
    }();
    std::array<raw_row, size> rows{};
    auto* to = rows.data();
    for (auto const& entry : entries)
        for (std::size_t at = 0; at < entry.size; ++at)
            *to++ = entry.first[at];
    return rows;
}

/// All rows of a machine as data.
template <class Machine> inline constexpr auto rows_of = join_entries<Machine>();

constexpr bool has_additions(entry_rows const& entry) {
    for (std::size_t at = 0; at < entry.size; ++at)
        if (entry.first[at].additions->guard_count + entry.first[at].additions->send_count != 0)
            return true;
    return false;
}

template <class Machine> consteval auto find_entries_with_additions() {
    constexpr auto const& entries = entries_of<Machine>;
    constexpr auto count = static_cast<std::size_t>(std::ranges::count_if(entries, has_additions));
    std::array<std::size_t, count> found{};
    for (std::size_t at = 0, size = 0; at < entries.size(); ++at)
        if (has_additions(entries[at]))
            found[size++] = at;
    return found;
}

template <class Machine> struct additions_in_machine {
    static constexpr auto entries = find_entries_with_additions<Machine>();

    template <std::size_t... Numbers>
    static auto list(std::index_sequence<Numbers...>) -> boost::mp11::mp_append<
        boost::mp11::mp_list<>,
        rows_of_entry_t<boost::mp11::mp_at_c<typename Machine::transitions::entries, entries[Numbers]>>...>;
    using rows = decltype(list(std::make_index_sequence<entries.size()>{}));
};

/// The rows of a machine that can have guards or commands, as types: most machines have few, and need no type
/// for the others. `mp_list`, in the order of `machine_rows`.
template <class Machine> using rows_with_additions = typename additions_in_machine<Machine>::rows;

/// The state in which a machine begins.
template <class Machine> consteval type_identity initial_of() {
    if constexpr (requires { typename Machine::initial; })
        return identity_of<typename Machine::initial>;
    else if constexpr (rows_of<Machine>.empty())
        return nullptr;
    else
        return rows_of<Machine>[0].from;
}

template <class... Types> consteval auto identities(boost::mp11::mp_list<Types...>) {
    return std::array<type_identity, sizeof...(Types)>{identity_of<Types>...};
}

/// Index of `wanted` among the first `size` entries, `size` if it is not there.
template <class Array>
constexpr std::size_t find_identity(Array const& identities, std::size_t size, type_identity wanted) {
    auto const* const entries = identities.data(); // each `operator[]` would be a call for the compiler
    std::size_t at = 0;
    while (at < size && entries[at] != wanted)
        ++at;
    return at;
}

/// Index of a type among the identities of a table; the array's size if it is not there.
template <class Type, class Array> constexpr std::size_t index_in(Array const& identities) {
    return find_identity(identities, identities.size(), identity_of<Type>);
}

} // namespace converge::detail
