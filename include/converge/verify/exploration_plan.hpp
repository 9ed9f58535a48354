// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/composition_view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace converge::detail {

inline constexpr std::uint16_t no_counter = 0xffff;

/// A letter that is tried at each node.
struct explored_letter {
    std::uint16_t letter = 0; // of the process
    event_index event = 0;
    std::uint16_t counter = no_counter;
    bool again =
        false; // a redelivery of an event that may happen a limited number of times: it does not count
};

/// How often the letters of an event have been delivered, up to `cap`, as a digit of a node's number.
struct delivery_counter {
    event_index event = 0;
    std::uint16_t cap = 0;
    std::uint64_t weight = 0;
};

/// Which letters to try, and what of the history a node has to remember: the number of a node is
/// the states of the explored machines and the counts of the events that the environment speaks of, as
/// digits.
///
/// Of the environment only that is kept which can forbid a letter of the explored machines: their events, and
/// what has to happen before such an event, and so on. The other events may as well never happen.
template <std::size_t Letters, std::size_t Machines, std::size_t Events> struct exploration_plan {
    std::array<explored_letter, 2 * Letters + 1> letters{};
    std::size_t letter_count = 0;
    std::array<delivery_counter, Letters + 1> counters{};
    std::size_t counter_count = 0;
    std::array<std::uint64_t, Machines + 1> weights{};
    std::array<bool, Events + 1> relevant{};
    std::uint64_t nodes = 1; ///< upper bound
    bool in_environment = false;

    static constexpr std::uint64_t too_many = std::uint64_t{1} << 48U;

    /// Whether the rule can forbid anything here.
    constexpr bool applies(environment_rule const& rule) const {
        return relevant[rule.first] && (rule.kind == rule_kind::at_most || relevant[rule.second]);
    }

    constexpr exploration_plan() = default;
    constexpr explicit exploration_plan(composition_view const& view) {
        find_relevant_events(view);
        for (std::size_t machine = 0; machine < view.state_counts.size(); ++machine)
            if (view.explored[machine])
                weights[machine] = add_digit(view.state_counts[machine]);
        for (std::size_t letter = 0; letter < view.letters();) {
            auto const event = view.event_of_letter[letter];
            auto end = letter;
            while (end < view.letters() && view.event_of_letter[end] == event)
                ++end;
            if (relevant[event])
                add_event(view, event, letter, end);
            letter = end;
        }
    }

private:
    constexpr std::uint64_t add_digit(std::uint64_t radix) {
        auto const weight = nodes;
        nodes = std::min(nodes * radix, too_many);
        return weight;
    }

    constexpr void find_relevant_events(composition_view const& view) {
        for (std::size_t letter = 0; letter < view.letters(); ++letter)
            if (view.moves_by(letter))
                relevant[view.event_of_letter[letter]] = true;
        for (bool grew = true; grew;) {
            grew = false;
            for (auto const& rule : view.rules)
                if (rule.kind == rule_kind::happens_before && relevant[rule.second] && !relevant[rule.first])
                    relevant[rule.first] = grew = true;
        }
        for (auto const& rule : view.rules)
            in_environment |= applies(rule);
    }

    /// How often an event may happen, and whether any rule asks.
    struct event_limits {
        bool counted = false;
        bool limited = false;
        std::uint16_t cap = 1;
    };
    constexpr event_limits limits_of(composition_view const& view, event_index event) const {
        event_limits found;
        for (auto const& rule : view.rules) {
            if (!applies(rule) || (rule.first != event && rule.second != event))
                continue;
            if (rule.kind != rule_kind::at_most) {
                found.counted = true;
            } else if (rule.first == event) {
                found.cap = found.limited ? std::min(found.cap, rule.limit) : rule.limit;
                found.counted = found.limited = true;
            }
        }
        return found;
    }

    // One counter for the event; one for each of its letters where it matters which of them came.
    constexpr void
    add_event(composition_view const& view, event_index event, std::size_t first, std::size_t end) {
        auto const limits = limits_of(view, event);
        auto const before = letter_count;
        for (auto letter = first; letter < end; ++letter) {
            bool known = false;
            for (auto at = before; at < letter_count; ++at)
                known = known || view.same_moves(letters[at].letter, letter);
            if (known)
                continue;
            if (limits.counted && (limits.limited || letter_count == before))
                counters[counter_count++] = {event, limits.cap, add_digit(limits.cap + 1U)};
            letters[letter_count++] = {
                static_cast<std::uint16_t>(letter), event,
                limits.counted ? static_cast<std::uint16_t>(counter_count - 1) : no_counter, false};
        }
        if (!limits.limited || view.repeats[event])
            return;
        for (auto at = before, last = letter_count; at < last; ++at) {
            letters[letter_count] = letters[at];
            letters[letter_count++].again = true;
        }
    }
};

} // namespace converge::detail
