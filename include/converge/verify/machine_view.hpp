// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine_table.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace converge::detail {

/// What the checks read of a machine. It refers to a table made by the compiler or by a test that draws
/// machines, so that both run the same algorithms.
struct machine_view {
    std::size_t states = 0;
    std::size_t letters = 0;
    std::size_t commands = 0;
    state_index initial = 0;
    std::span<state_index const> next; // [letter][state]
    std::span<std::int8_t const> net;  // [letter][state][command]

    constexpr state_index after(std::size_t state, std::size_t letter) const {
        return next[letter * states + state];
    }
    constexpr int sent(std::size_t state, std::size_t letter, std::size_t command) const {
        return net[(letter * states + state) * commands + command];
    }
};

template <class Table> constexpr machine_view view_of(Table const& table) {
    return {Table::state_count, Table::letter_count, Table::command_count,
            table.initial,      table.next,          table.net};
}

} // namespace converge::detail
