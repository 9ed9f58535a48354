// SPDX-License-Identifier: MIT
#pragma once

#include "delivered_histories.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace drawn {

/// How long histories must be for every difference to have shown: the longest of the shortest ways to all
/// that the future can depend on, two deliveries, and as many as it takes to tell any two vectors of states
/// apart (the rounds of E. F. Moore, "Gedanken-experiments on sequential machines", 1956).
class difference_bound {
public:
    explicit difference_bound(meaning const& process) : process_{process}, alphabet_{process.alphabet()} {
        number_of({process.of().initial, std::string(2 * process.letters(), '\0')}, 0);
        for (std::size_t from = 0; from < nodes_.size(); ++from)
            for (auto const next : alphabet_)
                edges_.push_back(
                    process.can_follow(nodes_[from].second, next) ? edge_from(from, next) : edge{});
    }

    std::size_t length() const { return distances_.back() + 2 + rounds(); }

private:
    /// The states, and the deliveries of the letters that the rules speak of, as far as they count.
    using node = std::pair<std::size_t, std::string>;

    struct edge {
        bool admitted = false;
        std::size_t to = 0;
        net_commands net{};
    };

    bool mentioned(std::size_t event) const {
        auto const& rules = process_.of().rules;
        return std::any_of(rules.begin(), rules.end(), [&](auto const& rule) {
            return rule.first == event || (rule.kind != rule_kind::at_most && rule.second == event);
        });
    }

    std::size_t number_of(node const& reached, std::size_t distance) {
        auto const [found, added] = numbers_.emplace(reached, nodes_.size());
        if (added) {
            nodes_.push_back(reached);
            distances_.push_back(distance);
        }
        return found->second;
    }

    edge edge_from(std::size_t from, std::size_t next) {
        auto const letter = process_.letter(next);
        auto const event = process_.event(next);
        auto [states, counts] = nodes_[from];
        if (!process_.again(next) && process_.limited(event))
            ++counts[letter];
        else if (!process_.again(next) && mentioned(event)) // all that counts is that it happened
            counts[letter - process_.of().letters[letter].outcome] = '\1';
        auto const& sent = process_.of().sends[letter][states];
        return {true, number_of({process_.of().after[letter][states], counts}, distances_[from] + 1), sent};
    }

    /// Vectors of states after the same deliveries are told apart by what is seen of them, then by what is
    /// seen after one more delivery, and so on until nothing is told apart any more.
    std::size_t rounds() const {
        std::map<std::pair<std::string, unsigned>, std::size_t> seen;
        std::vector<std::size_t> classes;
        for (auto const& [states, counts] : nodes_)
            classes.push_back(
                seen.emplace(std::pair{counts, process_.of().seen_as[states]}, seen.size()).first->second);
        std::size_t rounds = 0;
        for (auto size = seen.size();; ++rounds) {
            std::map<std::vector<std::size_t>, std::size_t> finer;
            std::vector<std::size_t> finer_classes;
            for (std::size_t at = 0; at < nodes_.size(); ++at)
                finer_classes.push_back(finer.emplace(signature(classes, at), finer.size()).first->second);
            if (finer.size() == size)
                return rounds;
            size = finer.size();
            classes = std::move(finer_classes);
        }
    }
    std::vector<std::size_t> signature(std::vector<std::size_t> const& classes, std::size_t number) const {
        std::vector<std::size_t> made{classes[number]};
        for (std::size_t at = number * alphabet_.size(); at < (number + 1) * alphabet_.size(); ++at) {
            if (!edges_[at].admitted)
                continue; // nor is it admitted at the others of the class
            made.push_back(classes[edges_[at].to]);
            for (auto const sent : edges_[at].net)
                made.push_back(static_cast<std::size_t>(sent + 100));
        }
        return made;
    }

    meaning const& process_;
    std::vector<std::size_t> alphabet_;
    std::map<node, std::size_t> numbers_;
    std::vector<node> nodes_;
    std::vector<std::size_t> distances_;
    std::vector<edge> edges_; // [node][of the alphabet]
};

} // namespace drawn
