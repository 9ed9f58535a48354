// SPDX-License-Identifier: MIT
#pragma once

#include <converge/dispatch/step_table.hpp>

#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace converge::detail {

/// Whether a table by [letter][machine][state] is small enough, see `step_sizes`.
template <class Process>
inline constexpr bool has_letter_table =
    step_sizes_of<Process>.width <= most_step_machines &&
    process_table_of<Process>.letter_count * step_sizes_of<Process>.width * step_sizes_of<Process>.states <=
        most_step_cells;

/// The new states by letter: each letter moves as many machines, the first one to where it is when fewer know
/// the event.
template <class Process> struct letter_table {
    static constexpr std::size_t letters = process_table_of<Process>.letter_count;
    static constexpr std::size_t width = step_sizes_of<Process>.width;
    static constexpr std::size_t states = step_sizes_of<Process>.states;

    std::array<std::array<std::array<state_index, states>, width>, letters> next{};
    std::array<std::array<std::uint16_t, width>, letters> machines{};
};

template <class... Machines> consteval auto letter_state_counts(boost::mp11::mp_list<Machines...>) {
    return std::array<std::size_t, sizeof...(Machines)>{table_of<Machines>.state_count...};
}

template <class Process> consteval auto make_letter_table() {
    letter_table<Process> made;
    auto const& table = process_table_of<Process>;
    constexpr auto counts = letter_state_counts(machines_of<Process>{});
    for (std::size_t letter = 0; letter < made.letters; ++letter)
        for (std::size_t at = 0; at < made.width; ++at) {
            auto* const next = made.next[letter][at].data();
            auto const target = table.first_target[letter] + at;
            if (target < table.first_target[letter + 1]) {
                auto const machine = table.targets[target].machine;
                auto const* const from = table.next.data() + table.targets[target].offset;
                made.machines[letter][at] = machine;
                for (std::size_t state = 0; state < counts[machine]; ++state)
                    next[state] = from[state];
            } else {
                for (std::size_t state = 0; state < made.states; ++state)
                    next[state] = static_cast<state_index>(state);
            }
        }
    return made;
}

template <class Process> inline constexpr auto letter_table_of = make_letter_table<Process>();

} // namespace converge::detail
