// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_table.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace converge::detail {

enum class rule_kind : std::uint8_t { happens_before, exclusive, at_most };

/// A statement about histories: `first` before `second`, not both, or `first` at most `limit` times.
struct environment_rule {
    rule_kind kind = rule_kind::at_most;
    event_index first = 0;
    event_index second = 0;
    std::uint16_t limit = 0;
};

/// Two events whose order is accepted to matter.
struct accepted_pair {
    event_index one = 0;
    event_index other = 0;

    constexpr bool joins(event_index first, event_index second) const {
        return (one == first && other == second) || (one == second && other == first);
    }
};

/// What the checks read of several machines side by side, in an environment. It refers to tables made by the
/// compiler or by a test that draws processes, so that both run the same algorithms.
struct composition_view {
    std::span<std::size_t const> state_counts; // of each machine
    std::span<state_index const> initial;
    std::span<bool const> explored; // the machines that are looked at; the others stand still
    std::span<std::uint32_t const> first_target;
    std::span<letter_target const> targets;
    std::span<state_index const> next;
    std::span<std::int8_t const> net; // [cell of `next`][command]
    std::size_t commands = 0;
    std::span<event_index const> event_of_letter;
    std::span<bool const> repeats; // of each event: whether it counts when it comes again
    std::span<environment_rule const> rules;
    std::span<accepted_pair const> accepted;

    constexpr std::size_t letters() const noexcept { return event_of_letter.size(); }
    constexpr std::size_t events() const noexcept { return repeats.size(); }

    /// Whether an explored machine knows the letter's event.
    constexpr bool moves_by(std::size_t letter) const {
        for (auto at = first_target[letter]; at < first_target[letter + 1]; ++at)
            if (explored[targets[at].machine])
                return true;
        return false;
    }
    /// Whether two letters of one event do the same to all explored machines.
    constexpr bool same_moves(std::size_t one, std::size_t other) const {
        auto const between = first_target[other] - first_target[one];
        for (auto at = first_target[one]; at < first_target[one + 1]; ++at)
            if (explored[targets[at].machine] && targets[at].offset != targets[at + between].offset)
                return false;
        return true;
    }
};

} // namespace converge::detail
