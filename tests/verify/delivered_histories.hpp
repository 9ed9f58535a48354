// SPDX-License-Identifier: MIT
#pragma once

#include "drawn_process.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

// What the checks claim, decided from the meaning of the words alone: by trying histories.
namespace drawn {

/// Deliveries in their order, a byte each: the number of a letter, or that and the number of letters for an
/// event that was delivered before and comes again.
using deliveries = std::string;
inline std::size_t number_of(char delivery) { return static_cast<unsigned char>(delivery); }

/// What is left of a history: what is observed of the states, and what was sent.
struct look {
    unsigned seen = 0;
    net_commands net{};
    bool operator==(look const&) const = default;
};

struct ending {
    std::size_t states = 0;
    net_commands net{};
    bool operator==(ending const&) const = default;
};

/// The meaning of a process: which histories there are, which of them are orders of the same events, and how
/// they end.
class meaning {
public:
    explicit meaning(process const& of) : of_{of} {}

    std::size_t letters() const { return of_.letters.size(); }
    bool again(std::size_t delivery) const { return delivery >= letters(); }
    std::size_t letter(std::size_t delivery) const { return delivery % letters(); }
    std::size_t event(std::size_t delivery) const { return of_.letters[letter(delivery)].event; }
    process const& of() const { return of_; }

    ending begin() const { return {of_.initial, {}}; }
    ending after(ending at, std::size_t delivery) const {
        auto const& sent = of_.sends[letter(delivery)][at.states];
        for (std::size_t command = 0; command < of_.commands; ++command)
            at.net[command] += sent[command];
        at.states = of_.after[letter(delivery)][at.states];
        return at;
    }
    ending run(deliveries const& history) const {
        auto at = begin();
        for (auto const each : history)
            at = after(at, number_of(each));
        return at;
    }
    look look_of(ending const& at) const { return {of_.seen_as[at.states], at.net}; }

    /// Whether it can happen: what comes again came before, and the rest is admitted by each rule.
    bool can_happen(deliveries const& history) const {
        for (std::size_t at = 0; at < history.size(); ++at) {
            auto const delivery = number_of(history[at]);
            if (again(delivery) &&
                (of_.repeats[event(delivery)] ||
                 history.substr(0, at).find(static_cast<char>(letter(delivery))) == deliveries::npos))
                return false;
        }
        return std::all_of(of_.rules.begin(), of_.rules.end(), [&](auto const& rule) {
            return rule.kind == rule_kind::at_most ? times(history, rule.first) <= rule.limit
                   : rule.kind == rule_kind::exclusive
                       ? times(history, rule.first) == 0 || times(history, rule.second) == 0
                       : begins_before(history, rule.first, rule.second);
        });
    }

    bool limited(std::size_t event) const {
        return std::any_of(of_.rules.begin(), of_.rules.end(), [&](auto const& rule) {
            return rule.kind == rule_kind::at_most && rule.first == event;
        });
    }
    /// The deliveries to try. A redelivery of an event that may come any number of times is one more history
    /// that can happen, with one more of the letter: only events with a limit are delivered again.
    std::vector<std::size_t> alphabet() const {
        std::vector<std::size_t> made;
        for (std::size_t next = 0; next < 2 * letters(); ++next)
            if (!again(next) || (limited(event(next)) && !of_.repeats[event(next)]))
                made.push_back(next);
        return made;
    }
    /// Whether a delivery can follow, by how often each of them came so far.
    bool can_follow(std::string const& counts, std::size_t next) const {
        if (again(next))
            return counts[letter(next)] > 0;
        auto const times = [&](std::size_t which) {
            int number = 0;
            for (std::size_t at = 0; at < letters(); ++at)
                number += event(at) == which ? counts[at] : 0;
            return number;
        };
        auto const mine = event(next);
        return std::none_of(of_.rules.begin(), of_.rules.end(), [&](auto const& rule) {
            return rule.kind == rule_kind::at_most ? rule.first == mine && times(mine) == rule.limit
                   : rule.kind == rule_kind::happens_before
                       ? rule.second == mine && times(rule.first) == 0
                       : (rule.first == mine && times(rule.second) > 0) ||
                             (rule.second == mine && times(rule.first) > 0);
        });
    }

    bool race(std::size_t one, std::size_t other) const {
        return std::any_of(of_.accepted.begin(), of_.accepted.end(), [&](auto const& each) {
            return (each.one == one && each.other == other) || (each.one == other && each.other == one);
        });
    }
    /// Equal for two orders of the same deliveries, accepted races apart: what occurs, and of any two
    /// deliveries whose events race the order among themselves.
    std::string same_but_for_races(deliveries const& history) const {
        auto made = history;
        std::sort(made.begin(), made.end());
        for (std::size_t one = 0; one < 2 * letters(); ++one)
            for (auto other = one + 1; other < 2 * letters(); ++other)
                if (race(event(one), event(other))) {
                    made += '|';
                    for (auto const each : history)
                        if (each == static_cast<char>(one) || each == static_cast<char>(other))
                            made += each;
                }
        return made;
    }
    /// The first in the alphabet of all histories that swaps of neighbours make of it, accepted races apart.
    deliveries first_order(deliveries rest) const {
        deliveries made;
        while (!rest.empty()) {
            auto first = rest.size();
            for (std::size_t at = 0; at < rest.size(); ++at)
                if ((first == rest.size() || rest[at] < rest[first]) && comes_first(rest, at))
                    first = at;
            made += rest[first];
            rest.erase(first, 1);
        }
        return made;
    }

private:
    bool comes_first(deliveries const& history, std::size_t number) const {
        for (std::size_t at = 0; at < number; ++at)
            if (history[at] == history[number] ||
                race(event(number_of(history[at])), event(number_of(history[number]))))
                return false;
        return true;
    }
    std::size_t times(deliveries const& history, std::size_t which) const {
        std::size_t number = 0;
        for (auto const each : history)
            number += !again(number_of(each)) && event(number_of(each)) == which ? 1U : 0U;
        return number;
    }
    bool begins_before(deliveries const& history, std::size_t cause, std::size_t consequence) const {
        for (auto const each : history) {
            auto const which = event(number_of(each));
            if (which == consequence)
                return false;
            if (which == cause)
                return true;
        }
        return true;
    }

    process const& of_;
};

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
