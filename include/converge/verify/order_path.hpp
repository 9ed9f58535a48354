// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/order_differences.hpp>

#include <cstddef>

namespace converge::detail {

/// The two histories of a difference, letter by letter from the beginning.
template <class Histories, class Difference> struct order_path {
    Histories const& histories;
    Difference const& found;

    constexpr bool is_redelivery() const {
        return found.fault == order_fault::redelivery_states ||
               found.fault == order_fault::redelivery_commands;
    }
    /// How many letters the two histories begin with in common.
    constexpr std::size_t common() const { return histories.distance(found.node); }

    constexpr std::size_t length(bool other) const {
        return common() + (is_redelivery() && !other ? 1 : 2) + found.more_size;
    }

    /// Letter `step` of the composition, of the one history or the other.
    constexpr std::size_t letter(bool other, std::size_t step) const {
        if (step < common())
            return common_letter(step);
        step -= common();
        auto const own = length(other) - common() - found.more_size;
        if (step >= own)
            return found.more[step - own];
        if (is_redelivery())
            return step == 0 ? found.first : found.second;
        return (step == 0) != other ? found.first : found.second;
    }

    /// What one of the histories sends of a command: sent less undone.
    constexpr int sent(composition_view const& view, bool other, std::size_t command) const {
        int net = 0;
        std::size_t node = 0;
        for (std::size_t step = 0; step < length(other); ++step) {
            net += histories.sent(view, node, letter(other, step), command);
            node = histories.after(node, letter(other, step));
        }
        return net;
    }

private:
    constexpr std::size_t common_letter(std::size_t step) const {
        std::size_t node = found.node;
        for (auto skip = common() - step - 1; skip > 0; --skip)
            node = histories.parent[node];
        return histories.by[node];
    }
};

} // namespace converge::detail
