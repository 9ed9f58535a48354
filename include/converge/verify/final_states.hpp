// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine.hpp>
#include <converge/verify/reachability.hpp>

#include <array>
#include <cstddef>

namespace converge::detail {

/// Marks for each state of a machine.
using state_marks = std::array<bool, maximum_states>;

template <class... States> consteval auto state_identities(states<States...>) {
    return std::array<type_identity, sizeof...(States)>{identity_of<States>...};
}

template <class Machine> consteval auto declared_final_states() {
    if constexpr (requires { typename Machine::final_states; })
        return state_identities(typename Machine::final_states{});
    else
        return std::array<type_identity, 0>{};
}

template <class Machine> consteval state_marks mark_final_states() {
    state_marks marks{};
    auto const& table = table_of<Machine>;
    for (auto const declared : declared_final_states<Machine>())
        if (auto const at = find_identity(table.states, table.states.size(), declared);
            at < table.states.size())
            marks[at] = true;
    return marks;
}

/// The states that a machine lists in `final_states`.
template <class Machine> inline constexpr state_marks final_states_of = mark_final_states<Machine>();

template <class Machine> consteval bool is_perpetual() {
    if constexpr (requires { Machine::perpetual; })
        return Machine::perpetual;
    else
        return false;
}

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

/// Where a machine may end: in states that nothing leaves, and in those that it lists.
template <class Machine> consteval state_marks mark_ends() {
    auto marks = absorbing_states(view_of(table_of<Machine>));
    for (std::size_t state = 0; state < marks.size(); ++state)
        marks[state] = marks[state] || final_states_of<Machine>[state];
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
