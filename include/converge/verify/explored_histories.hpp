// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/exploration_plan.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace converge::detail {

inline constexpr std::uint16_t no_node = 0xffff;

/// The graph of all histories that the environment admits: a node is the states of the explored machines with
/// what the environment has to remember of the events delivered, an edge a letter. Nodes are in the order of
/// their distance from the beginning, each with the last step of a shortest history.
///
/// `Nodes` and `Letters` bound it; where there are more nodes, or more than the plan can number, it is
/// incomplete and says so. Complexity:
/// O(nodes * letters * (machines + rules)).
template <std::size_t Nodes, std::size_t Letters, class Plan, std::size_t Machines>
struct explored_histories {
    static_assert(Nodes < no_node);
    static constexpr std::size_t node_bound = Nodes;
    static constexpr std::size_t letter_bound = Letters;

    Plan plan{};
    std::size_t letters = 0;
    std::size_t size = 0;
    bool complete = true;
    std::array<std::array<state_index, Machines>, Nodes> states{};
    std::array<std::uint16_t, Nodes> parent{};
    std::array<std::uint16_t, Nodes> by{};
    std::array<std::uint16_t, Nodes * letter_bound>
        next{}; // [node][letter], `no_node` where it is not admitted

    constexpr std::uint16_t after(std::size_t node, std::size_t letter) const {
        return next[node * letter_bound + letter];
    }
    constexpr std::size_t distance(std::size_t node) const {
        std::size_t steps = 0;
        for (; node != 0; node = parent[node])
            ++steps;
        return steps;
    }

    constexpr explored_histories(composition_view const& view, Plan const& planned)
        : plan{planned}, letters{planned.letter_count}, complete{planned.nodes < Plan::too_many} {
        slots_.fill(no_node);
        find_or_add(number_of(view.initial), view.initial, 0, 0);
        explore_all(view);
    }

    /// The same from several beginnings, after which nothing is known of what was delivered before. Paths
    /// then end at any of them.
    template <class Beginnings>
    constexpr explored_histories(
        composition_view const& view, Plan const& planned, Beginnings const& beginnings, std::size_t count)
        : plan{planned}, letters{planned.letter_count}, complete{planned.nodes < Plan::too_many} {
        slots_.fill(no_node);
        for (std::size_t at = 0; at < count; ++at)
            find_or_add(number_of(beginnings[at]), beginnings[at], 0, 0);
        explore_all(view);
    }

    /// What a letter of a node sends of a command: sent less undone.
    constexpr int
    sent(composition_view const& view, std::size_t node, std::size_t letter, std::size_t command) const {
        int net = 0;
        auto const number = plan.letters[letter].letter;
        for (auto at = view.first_target[number]; at < view.first_target[number + 1U]; ++at) {
            auto const& target = view.targets[at];
            if (view.explored[target.machine])
                net += view.net[(target.offset + states[node][target.machine]) * view.commands + command];
        }
        return net;
    }

private:
    static constexpr std::size_t slot_count = std::bit_ceil(2 * Nodes);

    template <class States> constexpr std::uint64_t number_of(States const& in) const {
        std::uint64_t number = 0;
        for (std::size_t machine = 0; machine < Machines; ++machine)
            number += in[machine] * plan.weights[machine];
        return number;
    }

    using counts = std::array<std::uint16_t, std::tuple_size_v<decltype(Plan::counters)>>;

    constexpr counts counts_of(std::uint64_t number) const {
        counts made{};
        auto* count = made.data();
        auto const* const end = plan.counters.data() + plan.counter_count;
        for (auto const* counter = plan.counters.data(); counter != end; ++counter)
            *count++ = static_cast<std::uint16_t>(number / counter->weight % (counter->cap + 1U));
        return made;
    }

    constexpr unsigned delivered(counts const& so_far, event_index event) const {
        unsigned times = 0;
        auto const* count = so_far.data();
        auto const* const end = plan.counters.data() + plan.counter_count;
        for (auto const* counter = plan.counters.data(); counter != end; ++counter, ++count)
            if (counter->event == event)
                times += *count;
        return times;
    }

    constexpr bool
    admits(composition_view const& view, counts const& so_far, explored_letter const& letter) const {
        if (letter.again)
            return so_far[letter.counter] > 0;
        for (auto const *rule_at = view.rules.data(), *const end = rule_at + view.rules.size();
             rule_at != end; ++rule_at) {
            auto const& rule = *rule_at;
            if ((rule.first != letter.event && rule.second != letter.event) || !plan.applies(rule))
                continue;
            bool const forbids =
                rule.kind == rule_kind::happens_before
                    ? rule.second == letter.event && delivered(so_far, rule.first) == 0
                : rule.kind == rule_kind::exclusive
                    ? (rule.first == letter.event && delivered(so_far, rule.second) != 0) ||
                          (rule.second == letter.event && delivered(so_far, rule.first) != 0)
                    : rule.first == letter.event && delivered(so_far, rule.first) >= rule.limit;
            if (forbids)
                return false;
        }
        return true;
    }

    constexpr void explore_all(composition_view const& view) {
        for (std::size_t node = 0; node < size && complete; ++node)
            explore(view, node);
    }

    // Plain pointers: a call of operator[] is several of the steps that a compiler grants.
    constexpr void explore(composition_view const& view, std::size_t node) {
        auto const from = states[node];
        auto const number = numbers_[node];
        auto const so_far = plan.counter_count == 0 ? counts{} : counts_of(number);
        auto const* const first_target = view.first_target.data();
        auto const* const targets = view.targets.data();
        auto const* const moves = view.next.data();
        auto const* const explored = view.explored.data();
        auto const* const weights = plan.weights.data();
        auto const* letter = plan.letters.data();
        auto* to = next.data() + node * letter_bound;
        for (std::size_t at = 0; at < letters && complete; ++at, ++letter, ++to) {
            *to = no_node;
            if (plan.in_environment && !admits(view, so_far, *letter))
                continue;
            auto reached = from;
            auto reached_number = number;
            auto const* const end = targets + first_target[letter->letter + 1U];
            for (auto const* target = targets + first_target[letter->letter]; target != end; ++target) {
                auto const machine = target->machine;
                if (!explored[machine])
                    continue;
                auto& state = reached[machine];
                auto const state_before = state;
                state = moves[target->offset + state_before];
                reached_number += weights[machine] * state - weights[machine] * state_before;
            }
            if (letter->counter != no_counter && !letter->again &&
                so_far[letter->counter] < plan.counters[letter->counter].cap)
                reached_number += plan.counters[letter->counter].weight;
            *to = reached_number == number ? static_cast<std::uint16_t>(node)
                                           : find_or_add(reached_number, reached, node, at);
        }
    }

    template <class States>
    constexpr std::uint16_t
    find_or_add(std::uint64_t number, States const& in, std::size_t from, std::size_t letter) {
        auto* const slots = slots_.data();
        auto const* const numbers = numbers_.data();
        auto slot = (number * 0x9e3779b97f4a7c15U >> 32U) % slot_count;
        while (slots[slot] != no_node && numbers[slots[slot]] != number)
            slot = (slot + 1) % slot_count;
        if (slots[slot] != no_node)
            return slots[slot];
        if (size == Nodes) {
            complete = false;
            return no_node;
        }
        slots[slot] = static_cast<std::uint16_t>(size);
        numbers_[size] = number;
        for (std::size_t machine = 0; machine < Machines; ++machine)
            states[size][machine] = in[machine];
        parent[size] = static_cast<std::uint16_t>(from);
        by[size] = static_cast<std::uint16_t>(letter);
        return static_cast<std::uint16_t>(size++);
    }

    std::array<std::uint64_t, Nodes> numbers_{};
    std::array<std::uint16_t, slot_count> slots_{};
};

} // namespace converge::detail
