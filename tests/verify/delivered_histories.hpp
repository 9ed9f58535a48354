// SPDX-License-Identifier: MIT
#pragma once

#include "drawn_process.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
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

} // namespace drawn
