// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/reachability.hpp>

#include <array>
#include <cstddef>

namespace converge::detail {

/// Marks for each state of a machine.
using state_marks = std::array<bool, maximum_states>;

/// The states that no letter leaves.
constexpr state_marks absorbing_states(machine_view const& machine) {
    state_marks marks{};
    for (std::size_t state = 0; state < machine.states; ++state) {
        marks[state] = true;
        for (std::size_t letter = 0; letter < machine.letters; ++letter)
            if (machine.after(state, letter) != state)
                marks[state] = false;
    }
    return marks;
}

/// The first reachable state, in the order of distance, from which no final state can be reached; the number
/// of states if there is none. Complexity: O(states^2 * letters).
constexpr std::size_t find_stuck_state(
    machine_view const& machine, reachable_states const& reached, state_marks const& final_ones) {
    auto ends = final_ones;
    for (bool grew = true; grew;) {
        grew = false;
        for (std::size_t at = reached.size; at-- > 0;) {
            auto const state = reached.order[at];
            for (std::size_t letter = 0; letter < machine.letters && !ends[state]; ++letter)
                if (ends[machine.after(state, letter)])
                    ends[state] = grew = true;
        }
    }
    for (std::size_t at = 0; at < reached.size; ++at)
        if (!ends[reached.order[at]])
            return reached.order[at];
    return machine.states;
}

} // namespace converge::detail
