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
// out; but in most states an event has one way only. So here is a first look by [event][state], and the
// guards are asked where the answer depends on them.
namespace converge::detail {

/// In place of a new state: the guards on the event have to be asked. In a machine of 256 states this is a
/// state too; then they are asked there, for nothing.
inline constexpr state_index asks_guards = 255;

/// Each event moves as many machines, up to this number: those that know it, and the first machine to where
/// it is. A loop that always runs as often is not mispredicted.
inline constexpr std::size_t most_step_machines = 4;
/// A larger table would push others out of the cache, and cost compilers too much.
inline constexpr std::size_t most_step_cells = 32'768;

struct step_sizes {
    std::size_t events = 0;
    std::size_t width = 0;   // most machines that know one event
    std::size_t states = 0;  // of the largest machine
    std::size_t guarded = 0; // events with guards

    constexpr bool dense() const {
        return width <= most_step_machines && events * width * states <= most_step_cells;
    }
};

template <class Process, class... Machines>
consteval step_sizes sizes_of_steps(boost::mp11::mp_list<Machines...>) {
    auto const& table = process_table_of<Process>;
    step_sizes sizes{table.events.size(), 0, std::max<std::size_t>({table_of<Machines>.state_count...}), 0};
    for (auto const& event : table.events) {
        sizes.width = std::max<std::size_t>(
            sizes.width, table.first_target[event.letter_base + 1] - table.first_target[event.letter_base]);
        sizes.guarded += event.guard_count != 0 ? 1 : 0;
    }
    return sizes;
}

template <class... Machines> consteval bool sends_from_rows(boost::mp11::mp_list<Machines...>) {
    return ((table_of<Machines>.command_count != 0) || ...);
}

template <class Process>
inline constexpr auto step_sizes_of = sizes_of_steps<Process>(machines_of<Process>{});

/// Whether any row of the process sends a command.
template <class Process> inline constexpr bool rows_send = sends_from_rows(machines_of<Process>{});

/// What an event does to one machine. Arrays of constant size, so that the place of the row is known before
/// the state is.
template <class Process> struct step_row {
    static constexpr std::size_t states = step_sizes_of<Process>.states;

    std::array<state_index, states> look{};                            ///< the new state, or `asks_guards`
    std::array<std::uint16_t, rows_send<Process> ? states : 0> sent{}; ///< the row in `sending_rows_of`, or 0

    /// Nothing changes.
    constexpr void rest() {
        auto* const to = look.data();
        for (std::size_t state = 0; state < states; ++state)
            to[state] = static_cast<state_index>(state);
    }
};

/// Where it is dense, each event has as many rows.
template <class Process> struct step_table {
    static constexpr auto sizes = step_sizes_of<Process>;

    std::array<std::array<step_row<Process>, sizes.dense() ? sizes.width : 0>, sizes.events> rows{};
    std::array<std::array<std::uint16_t, sizes.dense() ? sizes.width : 0>, sizes.events> machines{};
};

/// How an event fills its row for a machine. Pointers, for the cells are many.
template <class Machine> struct step_row_maker {
    static constexpr auto const& table = table_of<Machine>;

    static constexpr std::uint16_t sent(std::size_t cell) {
        if constexpr (table.command_count == 0) {
            return 0;
        } else {
            auto const row = table.decided_by.data()[cell];
            return row < 0 ? std::uint16_t{0} : sending_row_numbers<Machine>.data()[row];
        }
    }

    /// The cells of a letter, which begin at `first` of the machine's table.
    template <class Row> static constexpr void copy(Row& row, std::size_t first) {
        auto const* const next = table.next.data() + first;
        auto* const look = row.look.data();
        for (std::size_t state = 0; state < table.state_count; ++state)
            look[state] = next[state];
        if constexpr (table.command_count != 0)
            for (std::size_t state = 0; state < table.state_count; ++state)
                row.sent.data()[state] = sent(first + state);
    }

    template <class Row> static constexpr void fill(Row& row, std::size_t event) {
        auto const base = table.letter_base[event];
        copy(row, table.cell(base, 0));
        for (std::size_t outcome = 1; outcome < (std::size_t{1} << table.guard_counts[event]); ++outcome)
            for (std::size_t state = 0; state < table.state_count; ++state)
                if (differ(table.cell(base, state), table.cell(base + outcome, state)))
                    row.look.data()[state] = asks_guards;
    }

    static constexpr bool differ(std::size_t one, std::size_t other) {
        return table.next[one] != table.next[other] || sent(one) != sent(other);
    }
};

template <class Process> struct step_table_maker {
    step_table<Process> table{};
    std::array<std::size_t, step_sizes_of<Process>.events> filled{}; // rows of each event

    template <class Machine> constexpr void enter_machine(std::uint16_t number) {
        for (std::size_t event = 0; event < table.sizes.events; ++event) {
            auto const mine = index_of_event<Machine>(process_table_of<Process>.events[event].event);
            if (mine == table_of<Machine>.event_count)
                continue;
            auto const at = filled[event]++;
            table.machines[event][at] = number;
            step_row_maker<Machine>::fill(table.rows[event][at], mine);
        }
    }

    /// Where fewer machines know the event than others, the first one rests.
    constexpr void enter_resting() {
        for (std::size_t event = 0; event < table.sizes.events; ++event)
            for (std::size_t at = filled[event]; at < table.sizes.width; ++at)
                table.rows[event][at].rest();
    }
};

template <class Process, class... Machines>
consteval auto make_step_table(boost::mp11::mp_list<Machines...>) {
    step_table_maker<Process> made;
    if constexpr (step_sizes_of<Process>.dense()) {
        std::uint16_t number = 0;
        (made.template enter_machine<Machines>(number++), ...);
        made.enter_resting();
    }
    return made.table;
}

template <class Process>
inline constexpr auto step_table_of = make_step_table<Process>(machines_of<Process>{});

} // namespace converge::detail
