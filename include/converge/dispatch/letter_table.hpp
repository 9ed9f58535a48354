// SPDX-License-Identifier: MIT
#pragma once

#include <converge/dispatch/step_table.hpp>

#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace converge::detail {

/// Whether a table of rows by letter is small enough, see `step_sizes`.
template <class Process>
inline constexpr bool has_letter_table =
    step_sizes_of<Process>.width <= most_step_machines &&
    process_table_of<Process>.letter_count * step_sizes_of<Process>.width * step_sizes_of<Process>.states <=
        most_step_cells;

/// What each letter does: as many rows for each, where the first machine rests when fewer know the event.
template <class Process> struct letter_table {
    static constexpr std::size_t letters = process_table_of<Process>.letter_count;
    static constexpr std::size_t width = step_sizes_of<Process>.width;

    std::array<std::array<step_row<Process>, width>, letters> rows{};
    std::array<std::array<std::uint16_t, width>, letters> machines{};
};

template <class Process> struct letter_table_maker {
    static constexpr auto const& of_process = process_table_of<Process>;

    letter_table<Process> table{};

    /// The cells of a machine begin at `first` of the process's table.
    template <class Machine> constexpr void enter_machine(std::size_t number, std::size_t first) {
        for (std::size_t letter = 0; letter < table.letters; ++letter)
            for (auto target = of_process.first_target[letter]; target < of_process.first_target[letter + 1];
                 ++target)
                if (of_process.targets[target].machine == number) {
                    auto const at = target - of_process.first_target[letter];
                    table.machines[letter][at] = static_cast<std::uint16_t>(number);
                    step_row_maker<Machine>::copy(
                        table.rows[letter][at], of_process.targets[target].offset - first);
                }
    }

    constexpr void enter_resting() {
        for (std::size_t letter = 0; letter < table.letters; ++letter)
            for (std::size_t at = of_process.first_target[letter + 1] - of_process.first_target[letter];
                 at < table.width; ++at)
                table.rows[letter][at].rest();
    }
};

template <class Process, class... Machines>
consteval auto make_letter_table(boost::mp11::mp_list<Machines...>) {
    letter_table_maker<Process> made;
    std::size_t number = 0;
    std::size_t first = 0;
    ((made.template enter_machine<Machines>(number++, first), first += table_of<Machines>.next.size()), ...);
    made.enter_resting();
    return made.table;
}

template <class Process>
inline constexpr auto letter_table_of = make_letter_table<Process>(machines_of<Process>{});

} // namespace converge::detail
