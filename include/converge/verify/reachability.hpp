// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/machine_view.hpp>

#include <array>
#include <cstddef>

namespace converge::detail {

inline constexpr std::size_t maximum_states = 256;

/// The reachable states in the order of their distance from the initial state, each with the last step of a
/// shortest way to it.
struct reachable_states {
    std::array<state_index, maximum_states> order{};
    std::array<letter_index, maximum_states> by{};    // of a state: the letter of the last step
    std::array<state_index, maximum_states> parent{}; // of a state: where that step began
    std::array<bool, maximum_states> found{};
    std::size_t size = 0;

    /// Length of the shortest history that ends in the state.
    constexpr std::size_t distance(state_index state, state_index initial) const {
        std::size_t steps = 0;
        for (; state != initial; state = parent[state])
            ++steps;
        return steps;
    }
    /// Letter `number` of that history.
    constexpr letter_index letter(state_index state, state_index initial, std::size_t number) const {
        for (auto skip = distance(state, initial) - number - 1; skip > 0; --skip)
            state = parent[state];
        return by[state];
    }
};

/// Breadth-first search. Complexity: O(states * letters).
constexpr reachable_states reach(machine_view const& machine) {
    reachable_states reached;
    reached.order[reached.size++] = machine.initial;
    reached.found[machine.initial] = true;
    for (std::size_t at = 0; at < reached.size; ++at) {
        auto const state = reached.order[at];
        for (std::size_t letter = 0; letter < machine.letters; ++letter) {
            auto const to = machine.after(state, letter);
            if (reached.found[to])
                continue;
            reached.found[to] = true;
            reached.by[to] = static_cast<letter_index>(letter);
            reached.parent[to] = state;
            reached.order[reached.size++] = to;
        }
    }
    return reached;
}

/// The reachable states of a declared machine.
template <class Machine> inline constexpr reachable_states reached_of = reach(view_of(table_of<Machine>));

} // namespace converge::detail
