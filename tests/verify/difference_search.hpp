// SPDX-License-Identifier: MIT
#pragma once

#include "delivered_histories.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

// Differences that ought not to be, found by trying histories.
namespace drawn {

/// The length of the shortest histories that ought to look the same and do not, by trying all histories up to
/// a length: orders of the same deliveries; a history and the same with redeliveries, at any later place, or
/// immediately after a delivery of the same letter where races are accepted.
inline std::optional<std::size_t> shortest_difference_of_all(meaning const& process, std::size_t length) {
    std::vector<deliveries> longest{{}};
    for (std::size_t size = 1; size <= length; ++size) {
        std::vector<deliveries> longer;
        std::map<std::string, look> of_deliveries;
        bool differ = false;
        for (auto const& each : longest)
            for (std::size_t next = 0; next < 2 * process.letters(); ++next) {
                auto const history = each + static_cast<char>(next);
                if (!process.can_happen(history))
                    continue;
                longer.push_back(history);
                auto const seen = process.look_of(process.run(history));
                auto const [found, added] = of_deliveries.emplace(process.same_but_for_races(history), seen);
                differ = differ || found->second != seen;
                for (std::size_t at = 1; at < history.size() && !process.of().accepted.empty(); ++at) {
                    auto const before = process.letter(number_of(history[at - 1]));
                    auto const repeated = number_of(history[at]);
                    auto once = history;
                    once.erase(at, 1);
                    differ = differ || (process.again(repeated) && process.letter(repeated) == before &&
                                        process.look_of(process.run(once)) != seen);
                }
                if (process.of().accepted.empty()) {
                    auto once = history;
                    std::erase_if(once, [&](char delivery) { return process.again(number_of(delivery)); });
                    differ = differ || process.look_of(process.run(once)) != seen;
                }
            }
        if (differ)
            return size;
        longest = std::move(longer);
    }
    return std::nullopt;
}

/// The same, with the histories of the same deliveries taken together: their different endings are all that
/// the future asks of them.
class difference_search {
public:
    difference_search(meaning const& process, std::size_t work)
        : process_{process}, work_{work}, alphabet_{process.alphabet()} {}

    /// The length up to which histories were tried: less than was asked when there were too many.
    std::size_t tried() const { return tried_; }

    std::optional<std::size_t> shortest_up_to(std::size_t length) {
        together nothing{{}, {process_.begin()}};
        orders same_size{{std::string(2 * process_.letters(), '\0'), nothing}};
        while (tried_ < length) {
            orders longer;
            for (auto const& [key, each] : same_size)
                for (auto const next : alphabet_)
                    if (process_.can_follow(key, next))
                        extend(longer, key, each, next);
            if (work_ == 0)
                return std::nullopt;
            ++tried_;
            if (differ(longer) || (!process_.of().accepted.empty() && redeliveries_differ(same_size)))
                return tried_;
            same_size = std::move(longer);
        }
        return std::nullopt;
    }

private:
    /// Orders of the same deliveries: one of them, and all their endings.
    struct together {
        deliveries one;
        std::vector<ending> endings;
    };
    /// By how often each delivery occurs, and by the order of accepted races.
    using orders = std::unordered_map<std::string, together>;

    void extend(orders& longer, std::string const& key, together const& each, std::size_t next) {
        auto counts = key.substr(0, 2 * process_.letters());
        ++counts[next];
        auto const history = each.one + static_cast<char>(next);
        auto& to = longer[process_.of().accepted.empty() ? counts : counts + process_.first_order(history)];
        if (to.endings.empty()) {
            to.one = history;
            work_ -= work_ == 0 ? 0U : 1U;
        }
        for (auto const& before : each.endings) {
            auto const end = process_.after(before, next);
            if (std::find(to.endings.begin(), to.endings.end(), end) == to.endings.end())
                to.endings.push_back(end);
        }
    }

    bool differ(orders const& all) {
        for (auto const& [key, each] : all) {
            auto const seen = process_.look_of(each.endings.front());
            for (auto const& end : each.endings)
                if (process_.look_of(end) != seen)
                    return true;
            if (!process_.of().accepted.empty())
                continue;
            auto const [found, added] = once_.emplace(delivered_once(key), seen);
            if (found->second != seen)
                return true;
        }
        return false;
    }

    /// The deliveries without what came again.
    std::string delivered_once(std::string counts) const {
        for (auto const each : alphabet_) {
            auto const event = process_.event(each);
            if (process_.again(each))
                counts[each] = '\0';
            else if (!process_.limited(event) && !process_.of().repeats[event])
                counts[each] = std::min(counts[each], '\1');
        }
        return counts;
    }

    /// Whether a redelivery immediately after a delivery is seen. One order speaks for all.
    bool redeliveries_differ(orders const& all) const {
        for (auto const& [key, each] : all) {
            auto const seen = process_.look_of(each.endings.front());
            for (std::size_t at = 0; at < each.one.size(); ++at) {
                if (process_.of().repeats[process_.event(number_of(each.one[at]))])
                    continue;
                auto twice = each.one;
                twice.insert(at, 1, twice[at]);
                if (process_.look_of(process_.run(twice)) != seen)
                    return true;
            }
        }
        return false;
    }

    meaning const& process_;
    std::size_t work_;
    std::size_t tried_ = 0;
    std::vector<std::size_t> alphabet_;
    std::unordered_map<std::string, look> once_;
};

} // namespace drawn
