// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/row_numbers.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace converge {

/// Index of a state in its machine's table. State 0 need not be the initial one.
using state_index = std::uint8_t;

/// Index of a letter in its machine's table. A letter is an event together with the outcome of each of the
/// guards that the machine puts on it, so an event with g guards has 2^g letters, numbered from
/// `letter_base`: bit i is the outcome of its guard i.
using letter_index = std::uint16_t;

namespace detail {

inline constexpr std::int16_t undecided_row = -1;

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

/// Where a machine's table is made: the rows by number, as they decide its cells.
template <class Table> struct table_maker {
    Table table{};

    template <std::size_t Events> constexpr void enter_letters(event_guards<Events> const& guards) {
        table.guards = guards.guards;
        table.guard_counts = guards.counts;
        std::size_t letter = 0;
        for (std::size_t event = 0; event < Events; ++event) {
            table.letter_base[event] = static_cast<letter_index>(letter);
            for (std::size_t outcome = 0; outcome < (std::size_t{1} << guards.counts[event]); ++outcome)
                table.event_of_letter[letter++] = static_cast<letter_index>(event);
        }
    }

    /// What no row decides leads nowhere, so that the other checks can go on.
    constexpr void leave_undecided() {
        auto* next = table.next.data();
        auto* decided_by = table.decided_by.data();
        for (std::size_t letter = 0; letter < Table::letter_count; ++letter)
            for (std::size_t state = 0; state < Table::state_count; ++state) {
                *next++ = static_cast<state_index>(state);
                *decided_by++ = undecided_row;
            }
    }

    constexpr void decide(std::size_t cell, std::size_t number, std::size_t to) {
        auto& decided = table.decided_by.data()[cell];
        if (decided == undecided_row) {
            decided = static_cast<std::int16_t>(number);
            table.next.data()[cell] = static_cast<state_index>(to);
        } else if (table.duplicate.first == undecided_row) {
            table.duplicate = {decided, static_cast<std::int16_t>(number)};
        }
    }

    /// Enters a row of an event with guards, or one with commands, whose numbers follow one another.
    constexpr void enter_row_with_additions(
        std::size_t number, numbered_row const& row, row_additions const& additions,
        std::uint16_t const* commands) {
        auto const& guards = table.guards[row.event];
        auto const count = table.guard_counts[row.event];
        for (std::size_t outcome = 0; outcome < (std::size_t{1} << count); ++outcome) {
            if (!additions.admits(guards, count, outcome))
                continue;
            auto const cell = table.cell(table.letter_base[row.event] + outcome, row.from);
            decide(cell, number, row.to);
            if (table.decided_by[cell] != static_cast<std::int16_t>(number))
                continue;
            for (std::size_t send = 0; send < additions.send_count; ++send) {
                auto& net = table.net[cell * Table::command_count + commands[send]];
                net = static_cast<std::int8_t>(net + additions.send_signs[send]);
            }
        }
    }

    // Nearly all rows go through the loop's first branch. Pointers, because each call of an `operator[]` is
    // several steps of the few that clang grants.
    template <std::size_t Rows, std::size_t Sends>
    constexpr void
    enter_rows(std::array<raw_row, Rows> const& rows, row_numbers<Rows, Sends> const& numbers) {
        auto const* const raw = rows.data();
        auto const* const numbered = numbers.rows.data();
        auto const* const guard_counts = table.guard_counts.data();
        auto const* const letter_base = table.letter_base.data();
        auto const* commands = numbers.command_of_send.data();
        for (std::size_t number = 0; number < Rows; ++number) {
            auto const& row = numbered[number];
            auto const& additions = *raw[number].additions;
            if (guard_counts[row.event] == 0 && additions.send_count == 0) {
                decide(letter_base[row.event] * Table::state_count + row.from, number, row.to);
                continue;
            }
            enter_row_with_additions(number, row, additions, commands);
            commands += additions.send_count;
        }
    }
};

template <class Machine> consteval auto build_machine_table() {
    constexpr auto const& rows = rows_of<Machine>;
    constexpr auto numbers = number_rows<sends_in(rows)>(rows);
    static_assert(!rows.empty(), "a machine has at least one row");
    static_assert(numbers.states <= 256, "a machine has at most 256 states; split it into smaller ones");
    static_assert(
        rows.size() <= std::numeric_limits<std::int16_t>::max(), "a machine has at most 32,767 rows");
    constexpr auto guards = guards_of_events<numbers.events>(rows, numbers);
    static_assert(!guards.too_many, "an event has at most 4 guards in one machine");
    table_maker<machine_table<numbers.states, numbers.events, guards.letters, numbers.commands>> made;
    std::copy_n(numbers.state_identities.begin(), numbers.states, made.table.states.begin());
    std::copy_n(numbers.event_identities.begin(), numbers.events, made.table.events.begin());
    std::copy_n(numbers.command_identities.begin(), numbers.commands, made.table.commands.begin());
    made.enter_letters(guards);
    made.leave_undecided();
    made.enter_rows(rows, numbers);
    made.table.initial = static_cast<state_index>(
        find_identity(made.table.states, made.table.states.size(), initial_of<Machine>()));
    return made.table;
}

} // namespace detail

/// The table of a machine.
template <class Machine> inline constexpr auto table_of = detail::build_machine_table<Machine>();

namespace detail {

/// Index of an event in its machine's table; the number of events if the machine does not know it.
template <class Machine> constexpr std::size_t index_of_event(type_identity event) {
    return find_identity(table_of<Machine>.events, table_of<Machine>.event_count, event);
}

} // namespace detail

} // namespace converge
