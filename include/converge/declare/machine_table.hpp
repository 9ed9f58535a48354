// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine_rows.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace converge {

/// Index of a state in its machine's table. State 0 need not be the initial one.
using state_index = std::uint8_t;

/// Index of a letter in its machine's table. A letter is an event together with the outcome of each of the
/// guards that the machine puts on it, so an event with g guards has 2^g letters, numbered from
/// `letter_base`: bit i is the outcome of its guard i.
using letter_index = std::uint16_t;

namespace detail {

inline constexpr std::int16_t undecided_row = -1;

/// Sizes of a machine's table.
struct table_sizes {
    std::size_t states = 0;
    std::size_t events = 0;
    std::size_t guards = 0;
    std::size_t letters = 0;
    std::size_t commands = 0;
};

/// Index of `wanted` among the first `size` entries, `size` if it is not there.
template <class Array>
constexpr std::size_t find_identity(Array const& identities, std::size_t size, type_identity wanted) {
    std::size_t at = 0;
    while (at < size && identities[at] != wanted)
        ++at;
    return at;
}

/// The distinct states, events and guards of a list of rows, in the order of their first mention; `Rows`
/// bounds each of them.
template <std::size_t Rows> struct row_vocabulary {
    std::array<type_identity, 2 * Rows + 1> states{};
    std::array<type_identity, Rows + 1> events{};
    std::array<std::array<type_identity, maximum_guards>, Rows + 1> guards{}; // of each event
    std::array<std::uint8_t, Rows + 1> guard_counts{};
    std::array<type_identity, Rows * maximum_sends + 1> commands{};
    table_sizes sizes{};
    bool too_many_guards = false;

    constexpr void add_state(type_identity state) {
        if (find_identity(states, sizes.states, state) == sizes.states)
            states[sizes.states++] = state;
    }
    constexpr void add_event(raw_row const& from) {
        auto const at = find_identity(events, sizes.events, from.event);
        if (at == sizes.events)
            events[sizes.events++] = from.event;
        for (std::size_t guard = 0; guard < from.guard_count; ++guard) {
            if (find_identity(guards[at], guard_counts[at], from.guards[guard]) < guard_counts[at])
                continue;
            if (guard_counts[at] == maximum_guards) {
                too_many_guards = true;
                continue;
            }
            guards[at][guard_counts[at]++] = from.guards[guard];
            ++sizes.guards;
        }
    }
    constexpr void add_commands(raw_row const& from) {
        for (std::size_t send = 0; send < from.send_count; ++send)
            if (find_identity(commands, sizes.commands, from.sends[send]) == sizes.commands)
                commands[sizes.commands++] = from.sends[send];
    }
};

template <std::size_t Rows>
consteval row_vocabulary<Rows> collect_vocabulary(std::array<raw_row, Rows> const& rows) {
    row_vocabulary<Rows> found;
    for (auto const& each : rows) {
        found.add_state(each.from);
        found.add_state(each.to);
        found.add_event(each);
        found.add_commands(each);
    }
    for (std::size_t event = 0; event < found.sizes.events; ++event)
        found.sizes.letters += std::size_t{1} << found.guard_counts[event];
    return found;
}

} // namespace detail

/// A machine as data: what the verifier, the dispatcher and the diagrams read. All sizes are known at compile
/// time.
template <std::size_t States, std::size_t Events, std::size_t Letters, std::size_t Commands>
struct machine_table {
    static constexpr std::size_t state_count = States;
    static constexpr std::size_t event_count = Events;
    static constexpr std::size_t letter_count = Letters;
    static constexpr std::size_t command_count = Commands;

    std::array<detail::type_identity, States> states{};
    std::array<detail::type_identity, Events> events{};
    std::array<std::array<detail::type_identity, detail::maximum_guards>, Events> guards{};
    std::array<std::uint8_t, Events> guard_counts{};
    std::array<letter_index, Events> letter_base{};
    std::array<letter_index, Letters> event_of_letter{};
    std::array<detail::type_identity, Commands>
        commands{}; ///< sent by rows; compensations count against them

    state_index initial = 0;
    std::array<state_index, States * Letters> next{};        ///< [letter][state]
    std::array<std::int16_t, States * Letters> decided_by{}; ///< [letter][state]: row, or `undecided_row`
    std::array<std::int8_t, States * Letters * Commands>
        net{}; ///< [letter][state][command]: sent less undone

    /// The first pair of rows that decide one (state, letter), and whether there is any.
    struct {
        std::int16_t first = detail::undecided_row;
        std::int16_t second = detail::undecided_row;
    } duplicate{};

    constexpr std::size_t cell(std::size_t letter, std::size_t state) const noexcept {
        return letter * States + state;
    }
};

namespace detail {

template <class Table> consteval void enter_row(Table& table, raw_row const& row, std::int16_t number) {
    auto const from = find_identity(table.states, Table::state_count, row.from);
    auto const to = find_identity(table.states, Table::state_count, row.to);
    auto const event = find_identity(table.events, Table::event_count, row.event);
    for (std::size_t outcome = 0; outcome < (std::size_t{1} << table.guard_counts[event]); ++outcome) {
        if (!row.admits(table.guards[event], table.guard_counts[event], outcome))
            continue;
        auto const cell = table.cell(table.letter_base[event] + outcome, from);
        if (table.decided_by[cell] != undecided_row) {
            if (table.duplicate.first == undecided_row)
                table.duplicate = {table.decided_by[cell], number};
            continue;
        }
        table.decided_by[cell] = number;
        table.next[cell] = static_cast<state_index>(to);
        for (std::size_t send = 0; send < row.send_count; ++send) {
            auto const command = find_identity(table.commands, Table::command_count, row.sends[send]);
            table.net[cell * Table::command_count + command] = static_cast<std::int8_t>(
                table.net[cell * Table::command_count + command] + row.send_signs[send]);
        }
    }
}

template <class Machine> consteval auto build_machine_table() {
    constexpr auto rows = rows_of<Machine>();
    constexpr auto found = collect_vocabulary(rows);
    static_assert(found.sizes.states <= 256, "a machine has at most 256 states; split it into smaller ones");
    static_assert(!found.too_many_guards, "an event has at most 4 guards in one machine");
    machine_table<found.sizes.states, found.sizes.events, found.sizes.letters, found.sizes.commands> table;
    std::copy_n(found.states.begin(), table.states.size(), table.states.begin());
    std::copy_n(found.commands.begin(), table.commands.size(), table.commands.begin());
    std::size_t letter = 0;
    for (std::size_t event = 0; event < found.sizes.events; ++event) {
        table.events[event] = found.events[event];
        table.guards[event] = found.guards[event];
        table.guard_counts[event] = found.guard_counts[event];
        table.letter_base[event] = static_cast<letter_index>(letter);
        for (std::size_t outcome = 0; outcome < (std::size_t{1} << found.guard_counts[event]); ++outcome)
            table.event_of_letter[letter++] = static_cast<letter_index>(event);
    }
    // What no row decides leads nowhere, so that the other checks can go on.
    for (std::size_t at = 0; at < table.next.size(); ++at) {
        table.next[at] = static_cast<state_index>(at % found.sizes.states);
        table.decided_by[at] = undecided_row;
    }
    for (std::size_t number = 0; number < rows.size(); ++number)
        enter_row(table, rows[number], static_cast<std::int16_t>(number));
    table.initial =
        static_cast<state_index>(find_identity(table.states, table.states.size(), initial_of<Machine>()));
    return table;
}

} // namespace detail

/// The table of a machine.
template <class Machine> inline constexpr auto table_of = detail::build_machine_table<Machine>();

} // namespace converge
