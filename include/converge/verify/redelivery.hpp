// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/convergence.hpp>

#include <cstddef>
#include <span>

namespace converge::detail {

/// Whether an event that is taken a second time changes nothing and sends nothing, in every reachable state;
/// if not, a violation at the least distance. `counts[letter]` says which letters may differ
/// (`repeats<...>`). In a converging machine the second delivery may then come at any later time: q·a·w·a =
/// q·a·a·w = q·a·w. Complexity: O(reachable states * letters * (1 + commands)).
constexpr divergence
find_redelivery(machine_view const& machine, reachable_states const& reached, std::span<bool const> counts) {
    for (std::size_t at = 0; at < reached.size; ++at) {
        auto const state = reached.order[at];
        for (std::size_t letter = 0; letter < machine.letters; ++letter) {
            if (counts[letter])
                continue;
            auto const once = machine.after(state, letter);
            auto const twice = machine.after(once, letter);
            auto kind = once != twice ? divergence_kind::states : divergence_kind::none;
            for (std::size_t command = 0; command < machine.commands && kind == divergence_kind::none;
                 ++command)
                if (machine.sent(once, letter, command) != 0)
                    kind = divergence_kind::commands;
            if (kind != divergence_kind::none)
                return {kind, state, static_cast<letter_index>(letter), static_cast<letter_index>(letter),
                        once, twice};
        }
    }
    return {};
}

} // namespace converge::detail
