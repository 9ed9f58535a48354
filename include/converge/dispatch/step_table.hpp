// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_table.hpp>
#include <converge/dispatch/sending_rows.hpp>

#include <boost/mp11/list.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

// What a step looks at. The table of the process has a letter for each way that the guards on an event come
// out; but in most states an event has one way only. So here is a first look by event alone, and the guards
// are asked where the answer depends on them.
namespace converge::detail {

/// In place of a new state: the guards on the event have to be asked. In a machine of 256 states this is a
/// state too; then they are asked there, for nothing.
inline constexpr state_index asks_guards = 255;

/// Where an event finds the cells of a machine: `cells[offset + state]`.
struct step_target {
    std::uint32_t offset = 0;
    std::uint16_t machine = 0;
};

/// Each event moves as many machines, up to this number: those that know it, and the first machine to where
/// it is. A loop that always runs as often is not mispredicted.
inline constexpr std::size_t most_padded_targets = 4;

template <class Process> consteval std::size_t most_targets() {
    auto const& table = process_table_of<Process>;
    std::size_t most = 0;
    for (auto const& event : table.events)
        most = std::max<std::size_t>(
            most, table.first_target[event.letter_base + 1] - table.first_target[event.letter_base]);
    return most;
}

template <class Process> consteval bool has_guards() {
    for (auto const& event : process_table_of<Process>.events)
        if (event.guard_count != 0)
            return true;
    return false;
}

template <class... Machines> consteval bool sends_from_rows(boost::mp11::mp_list<Machines...>) {
    return ((table_of<Machines>.command_count != 0) || ...);
}

template <class Process> struct step_table {
    static constexpr auto const& of_process = process_table_of<Process>;
    static constexpr std::size_t width = most_targets<Process>();
    static constexpr bool padded = width <= most_padded_targets;
    static constexpr bool guarded = has_guards<Process>();
    static constexpr bool sends = sends_from_rows(machines_of<Process>{});
    static constexpr std::size_t own_cells = of_process.next.size();
    static constexpr std::size_t resting_cells =
        table_of<boost::mp11::mp_front<machines_of<Process>>>.state_count;

    /// [event][which of its machines]
    std::array<std::array<step_target, padded ? width : 0>, of_process.events.size()> targets{};
    /// As the process's `next`, with `asks_guards`; then the cells where nothing changes.
    std::array<state_index, own_cells + resting_cells> look{};
    /// As `look`: the number of the row in `sending_rows_of`, or 0.
    std::array<std::uint16_t, sends ? own_cells + resting_cells : 0> sent{};
};

template <class Process> struct step_table_maker {
    step_table<Process> table{};

    constexpr void enter_targets() {
        using made = step_table<Process>;
        auto const& of_process = process_table_of<Process>;
        if constexpr (made::padded)
            for (std::size_t event = 0; event < of_process.events.size(); ++event) {
                auto const letter = of_process.events[event].letter_base;
                auto const first = of_process.first_target[letter];
                auto const count = of_process.first_target[letter + 1] - first;
                for (std::size_t at = 0; at < made::width; ++at) {
                    auto& target = table.targets[event][at];
                    if (at < count)
                        target = {
                            of_process.targets[first + at].offset, of_process.targets[first + at].machine};
                    else
                        target = {static_cast<std::uint32_t>(made::own_cells), 0};
                }
            }
        for (std::size_t state = 0; state < made::resting_cells; ++state)
            table.look[made::own_cells + state] = static_cast<state_index>(state);
    }

    /// The cells of a machine, which begin at `first`. Pointers, for they are many.
    template <class Machine> constexpr void enter_machine(std::size_t first) {
        constexpr auto const& from = table_of<Machine>;
        auto const* const next = from.next.data();
        auto* const look = table.look.data() + first;
        for (std::size_t cell = 0; cell < from.next.size(); ++cell)
            look[cell] = next[cell];
        if constexpr (from.command_count != 0) {
            auto const* const numbers = sending_row_numbers<Machine>.data();
            auto const* const decided = from.decided_by.data();
            auto* const sent = table.sent.data() + first;
            for (std::size_t cell = 0; cell < from.next.size(); ++cell)
                if (decided[cell] >= 0)
                    sent[cell] = numbers[decided[cell]];
        }
        for (std::size_t event = 0; event < from.event_count; ++event)
            if (from.guard_counts[event] != 0)
                mark_dependent<Machine>(event, first);
    }

    /// Where an event's guards make a difference, they have to be asked.
    template <class Machine> constexpr void mark_dependent(std::size_t event, std::size_t first) {
        constexpr auto const& from = table_of<Machine>;
        auto const base = from.letter_base[event];
        for (std::size_t state = 0; state < from.state_count; ++state)
            for (std::size_t outcome = 1; outcome < (std::size_t{1} << from.guard_counts[event]); ++outcome)
                if (differ<Machine>(from.cell(base, state), from.cell(base + outcome, state)))
                    table.look[first + from.cell(base, state)] = asks_guards;
    }

    template <class Machine> static constexpr bool differ(std::size_t one, std::size_t other) {
        constexpr auto const& from = table_of<Machine>;
        auto const sent = [](std::size_t cell) {
            auto const row = from.decided_by[cell];
            return row < 0 ? 0 : sending_row_numbers<Machine>[static_cast<std::size_t>(row)];
        };
        return from.next[one] != from.next[other] || sent(one) != sent(other);
    }
};

template <class Process, class... Machines>
consteval auto make_step_table(boost::mp11::mp_list<Machines...>) {
    step_table_maker<Process> made;
    made.enter_targets();
    std::size_t first = 0;
    ((made.template enter_machine<Machines>(first), first += table_of<Machines>.next.size()), ...);
    return made.table;
}

template <class Process>
inline constexpr auto step_table_of = make_step_table<Process>(machines_of<Process>{});

} // namespace converge::detail
