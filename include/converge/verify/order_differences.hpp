// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/explored_histories.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace converge::detail {

enum class order_fault : std::uint8_t { none, states, commands, redelivery_states, redelivery_commands };

/// Two histories that must agree and do not: from a node, `first` then `second`, and the other way round (or,
/// for a redelivery, `first` once and twice), each followed by the same letters until the difference shows.
template <std::size_t Nodes> struct order_difference {
    order_fault fault = order_fault::none;
    std::uint16_t node = 0;
    std::uint16_t first = 0;
    std::uint16_t second = 0;
    std::array<std::uint16_t, Nodes> more{};
    std::size_t more_size = 0;
    std::uint16_t one_end = 0; // nodes
    std::uint16_t other_end = 0;

    bool merged = false;        // whether different states had to be taken as one
    std::uint64_t accepted = 0; // bit i: the accepted race i is one
};

/// Whether all orders of every multiset of events that the environment admits agree in what can be observed,
/// and all redeliveries change nothing of it.
///
/// Two letters that are admitted in both orders must lead from each node to equivalent nodes and send the
/// same. That is enough, for two admitted orders of the same events are joined by swaps of neighbours that
/// are admitted all the way: an event that is admitted now stays so while the others of the history come. It
/// is necessary, for the two letters, and what tells the nodes apart, are themselves two histories. Nodes are
/// equivalent when no continuation tells them apart: the pairs that must be are closed under letters by
/// union-find (J. E. Hopcroft, R. M. Karp, "A linear algorithm for testing equivalence of finite automata",
/// 1971), until an observation differs or nothing is left.
///
/// `Same(states, states)` says whether two vectors of states are told apart by nothing that looks at states.
/// Complexity: O(nodes * letters^2) look-ups, and O(nodes * letters) observations.
template <class Histories, std::size_t Nodes, class Same> class order_comparison {
public:
    constexpr order_comparison(composition_view const& view, Histories const& histories, Same same)
        : view_{view}, histories_{histories}, same_{same} {
        std::iota(root_.begin(), root_.end(), std::uint16_t{0});
        find_redeliveries();
    }

    /// The whole check at once.
    constexpr order_difference<Nodes> run() {
        compare(0, histories_.size);
        while (!done())
            follow(Nodes);
        return result();
    }

    // The same in steps, for a compiler that counts what one evaluation does: first `compare` all nodes, then
    // `follow` until nothing is left.

    /// Compares the orders and redeliveries at the nodes from `node` up to `end`.
    constexpr order_comparison& compare(std::size_t node, std::size_t end) {
        for (; node < end && node < histories_.size && !failed(); ++node) {
            compare_orders(static_cast<std::uint16_t>(node));
            if (!failed())
                compare_redeliveries(static_cast<std::uint16_t>(node));
        }
        return *this;
    }

    /// Follows some of the pairs that have to be equivalent.
    constexpr order_comparison& follow(std::size_t pairs) {
        for (; pairs > 0 && !done(); --pairs)
            follow_pair(followed_++);
        return *this;
    }

    constexpr bool done() const { return failed() || followed_ == pair_count_; }

    constexpr order_difference<Nodes> result() const {
        auto made = found_;
        made.merged = pair_count_ != 0;
        return made;
    }

private:
    /// Two nodes that have to be equivalent, and why: the origin or the pair before.
    struct node_pair {
        std::uint16_t one = 0;
        std::uint16_t other = 0;
        std::uint16_t before = no_node; // number of a pair
        std::uint16_t first = 0;        // with a pair before: the letter from there
        std::uint16_t second = 0;
        std::uint16_t node = 0;
        bool redelivery = false;
    };

    constexpr bool failed() const { return found_.fault != order_fault::none; }

    constexpr void find_redeliveries() {
        for (std::size_t letter = 0; letter < histories_.letters; ++letter) {
            auto const& mine = histories_.plan.letters[letter];
            again_[letter] = view_.repeats[mine.event] ? no_node : static_cast<std::uint16_t>(letter);
            for (std::size_t other = letter + 1; other < histories_.letters; ++other)
                if (histories_.plan.letters[other].again &&
                    histories_.plan.letters[other].letter == mine.letter)
                    again_[letter] = static_cast<std::uint16_t>(other);
        }
    }

    constexpr bool sends_differ(
        std::size_t one, std::size_t first, std::size_t after_first, std::size_t second,
        std::size_t after_second) const {
        for (std::size_t command = 0; command < view_.commands; ++command)
            if (histories_.sent(view_, one, first, command) +
                    histories_.sent(view_, after_first, second, command) !=
                histories_.sent(view_, one, second, command) +
                    histories_.sent(view_, after_second, first, command))
                return true;
        return false;
    }

    constexpr void compare_orders(std::uint16_t node) {
        auto const* const next = histories_.next.data();
        auto const* const row = next + node * Histories::letter_bound;
        bool const sends = view_.commands != 0;
        for (std::size_t first = 0; first < histories_.letters; ++first) {
            auto const after_first = row[first];
            if (after_first == no_node)
                continue;
            for (std::size_t second = first + 1; second < histories_.letters; ++second) {
                auto const after_second = row[second];
                if (after_second == no_node || (after_first == node && after_second == node && !sends))
                    continue;
                auto const one = next[after_first * Histories::letter_bound + second];
                auto const other = next[after_second * Histories::letter_bound + first];
                if (one == other && !sends)
                    continue;
                if (one == no_node || other == no_node)
                    continue; // only one of the orders can happen
                bool const differ = sends && sends_differ(node, first, after_first, second, after_second);
                if ((!differ && (one == other || root_of(one) == root_of(other))) || accept(first, second))
                    continue;
                require_equal(
                    {one, other, no_node, static_cast<std::uint16_t>(first),
                     static_cast<std::uint16_t>(second), node, false},
                    differ);
                if (failed())
                    return;
            }
        }
    }

    constexpr bool accept(std::size_t first, std::size_t second) {
        auto const one = histories_.plan.letters[first].event;
        auto const other = histories_.plan.letters[second].event;
        bool accepted = false;
        for (std::size_t at = 0; at < view_.accepted.size(); ++at) {
            if (view_.accepted[at].joins(one, other)) {
                found_.accepted |= std::uint64_t{1} << at;
                accepted = true;
            }
        }
        return accepted;
    }

    constexpr void compare_redeliveries(std::uint16_t node) {
        for (std::size_t letter = 0; letter < histories_.letters && !failed(); ++letter) {
            auto const once = histories_.after(node, letter);
            if (once == no_node || again_[letter] == no_node)
                continue;
            auto const twice = histories_.after(once, again_[letter]);
            bool sends = false;
            for (std::size_t command = 0; command < view_.commands; ++command)
                sends = sends || histories_.sent(view_, once, letter, command) != 0;
            if (sends || once != twice)
                require_equal(
                    {once, twice, no_node, static_cast<std::uint16_t>(letter), again_[letter], node, true},
                    sends);
        }
    }

    /// The pair must be equivalent, and is not when it differs already.
    constexpr void require_equal(node_pair const& pair, bool sends_differ) {
        if (sends_differ)
            return fail(pair, true);
        auto const one = root_of(pair.one);
        auto const other = root_of(pair.other);
        if (one == other)
            return; // nothing that looks at states tells nodes of one class apart
        if (!same_(histories_.states[pair.one], histories_.states[pair.other]))
            return fail(pair, false);
        root_[one < other ? other : one] = one < other ? one : other;
        pairs_[pair_count_++] = pair;
    }

    constexpr std::uint16_t root_of(std::uint16_t node) {
        while (root_[node] != node) {
            root_[node] = root_[root_[node]];
            node = root_[node];
        }
        return node;
    }

    constexpr void follow_pair(std::size_t number) {
        auto const pair = pairs_[number];
        auto const* const from_one = histories_.next.data() + pair.one * Histories::letter_bound;
        auto const* const from_other = histories_.next.data() + pair.other * Histories::letter_bound;
        auto const* const roots = root_.data();
        for (std::size_t letter = 0; letter < histories_.letters; ++letter) {
            auto const one = from_one[letter];
            if (one == no_node)
                continue; // nor is it admitted at the other: both histories have the same events
            auto const other = from_other[letter];
            bool differ = false;
            for (std::size_t command = 0; command < view_.commands; ++command)
                differ = differ || histories_.sent(view_, pair.one, letter, command) !=
                                       histories_.sent(view_, pair.other, letter, command);
            if (!differ && (one == other || roots[one] == roots[other]))
                continue;
            require_equal(
                {one, other, static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(letter), 0,
                 pair.node, pair.redelivery},
                differ);
            if (failed())
                return;
        }
    }

    constexpr void fail(node_pair const& pair, bool sends_differ) {
        found_.fault = pair.redelivery ? (sends_differ ? order_fault::redelivery_commands
                                                       : order_fault::redelivery_states)
                                       : (sends_differ ? order_fault::commands : order_fault::states);
        found_.one_end = pair.one;
        found_.other_end = pair.other;
        found_.node = pair.node;
        auto const* at = &pair;
        for (; at->before != no_node; at = &pairs_[at->before])
            found_.more[found_.more_size++] = at->first;
        for (std::size_t low = 0, high = found_.more_size; low + 1 < high; ++low, --high)
            std::swap(found_.more[low], found_.more[high - 1]);
        found_.first = at->first;
        found_.second = at->second;
    }

    composition_view view_;
    Histories const& histories_;
    Same same_;
    order_difference<Nodes> found_{};
    std::array<std::uint16_t, Nodes> root_{};
    std::array<node_pair, Nodes> pairs_{};
    std::size_t pair_count_ = 0;
    std::size_t followed_ = 0;
    std::array<std::uint16_t, Histories::letter_bound> again_{};
};

} // namespace converge::detail
