// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/reachability.hpp>

#include <cstddef>

namespace converge::detail {

enum class divergence_kind { none, states, commands };

/// Two orders of the same events that differ: from `state`, `first` then `second`, and the other way round.
struct divergence {
    divergence_kind kind = divergence_kind::none;
    state_index state = 0;
    letter_index first = 0;
    letter_index second = 0;
    state_index one_end = 0;
    state_index other_end = 0;
};

constexpr bool
same_commands(machine_view const& machine, state_index state, std::size_t first, std::size_t second) {
    for (std::size_t command = 0; command < machine.commands; ++command) {
        auto const one =
            machine.sent(state, first, command) + machine.sent(machine.after(state, first), second, command);
        auto const other =
            machine.sent(state, second, command) + machine.sent(machine.after(state, second), first, command);
        if (one != other)
            return false;
    }
    return true;
}

/// Whether all permutations of every multiset of events end in the same state with the same net commands; if
/// not, a violation at the least distance from the initial state. Looks at the reachable states `from` up to
/// `end`, in the order of their distance, so that a large machine can be checked in several evaluations.
///
/// Every permutation is a product of swaps of neighbours, so it suffices that any two letters commute in
/// every reachable state (local confluence; M. H. A. Newman, "On theories with a combinatorial definition of
/// equivalence", 1942; for machines: diamond property of commuting transitions). It is necessary too: the
/// violation itself is a pair of histories that differ. The two letters must be of different events, or of
/// one event with different outcomes of its guards. Complexity: O(reachable states * letters^2 * (1 +
/// commands)); two letters that change nothing are passed over.
constexpr divergence find_divergence(
    machine_view const& machine, reachable_states const& reached, std::size_t from = 0,
    std::size_t end = maximum_states) {
    auto const* const next = machine.next.data();
    auto const states = machine.states;
    auto const letters = machine.letters;
    end = end < reached.size ? end : reached.size;
    for (std::size_t at = from; at < end; ++at) {
        auto const state = reached.order[at];
        for (std::size_t first = 0; first < letters; ++first) {
            auto const after_first = next[first * states + state];
            bool const idle = after_first == state && machine.commands == 0;
            for (std::size_t second = first + 1; second < letters; ++second) {
                auto const after_second = next[second * states + state];
                if (idle && after_second == state)
                    continue;
                auto const one = next[second * states + after_first];
                auto const other = next[first * states + after_second];
                if (one == other && (machine.commands == 0 || same_commands(machine, state, first, second)))
                    continue;
                return {
                    one != other ? divergence_kind::states : divergence_kind::commands,
                    state,
                    static_cast<letter_index>(first),
                    static_cast<letter_index>(second),
                    one,
                    other};
            }
        }
    }
    return {};
}

} // namespace converge::detail
