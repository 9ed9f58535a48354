// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// What the contenders of the dispatch benchmark have in common: machines as data.
namespace generator {

/// A transition of a machine, with an action where the workload has actions. What no row decides changes
/// nothing.
struct row {
    std::size_t machine = 0;
    std::size_t from = 0;
    std::size_t event = 0;
    std::size_t to = 0;
    bool guarded = false;
};

struct workload {
    std::string name;
    std::vector<std::string> events; // C++ names of types
    std::size_t machines = 1;
    std::size_t states = 0; // of each machine, at most
    std::vector<row> rows;
    bool actions = false;  // each row has one; else the states are what is checked
    bool declared = false; // elsewhere: the events and the process

    bool has_guard(std::size_t event) const {
        for (auto const& each : rows)
            if (each.event == event && each.guarded)
                return true;
        return false;
    }
    std::vector<std::size_t> rows_of_event(std::size_t event) const {
        std::vector<std::size_t> found;
        for (std::size_t at = 0; at < rows.size(); ++at)
            if (rows[at].event == event)
                found.push_back(at);
        return found;
    }
};

/// S. Vigna's SplitMix64 (https://prng.di.unimi.it/splitmix64.c): the same numbers everywhere.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) : state_{seed} {}
    /// Less than `bound`; the bias for small bounds is of no account here.
    std::size_t below(std::size_t bound) {
        auto value = state_ += 0x9e3779b97f4a7c15U;
        value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
        value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
        return static_cast<std::size_t>((value ^ (value >> 31U)) % bound);
    }
    template <class Value> void shuffle(std::vector<Value>& values) {
        for (auto at = values.size(); at > 1; --at)
            std::swap(values[at - 1], values[below(at)]);
    }

private:
    std::uint64_t state_;
};

/// One machine: each event has rows in `degree` states, each state has rows for equally many events; the
/// targets are drawn, and so are the rows with guards.
inline workload drawn(
    std::string name, std::size_t states, std::size_t events, std::size_t degree, std::size_t guarded,
    std::uint64_t seed) {
    random_numbers random{seed};
    workload made{
        .name = std::move(name), .events = {}, .machines = 1, .states = states, .rows = {}, .actions = true};
    for (std::size_t event = 0; event < events; ++event)
        made.events.push_back("event<" + std::to_string(event) + ">");
    std::vector<std::size_t> deck;
    auto const deals = [&] { // states for the events in turn, `degree` each, all different
        deck.clear();
        for (std::size_t at = 0; at < events * degree; ++at)
            deck.push_back(at % states);
        random.shuffle(deck);
        for (std::size_t event = 0; event < events; ++event)
            for (std::size_t one = 0; one < degree; ++one)
                for (std::size_t tries = 0;; ++tries) {
                    auto const here = event * degree + one;
                    bool twice = false;
                    for (auto at = event * degree; at < here; ++at)
                        twice = twice || deck[at] == deck[here];
                    if (!twice)
                        break;
                    if (tries == 1000 || here + 1 == deck.size())
                        return false;
                    std::swap(deck[here], deck[here + 1 + random.below(deck.size() - here - 1)]);
                }
        return true;
    };
    while (!deals())
        ;
    for (std::size_t at = 0; at < deck.size(); ++at) {
        auto to = random.below(states - 1);
        to += to >= deck[at] ? 1 : 0;
        made.rows.push_back({0, deck[at], at / degree, to, false});
    }
    std::vector<std::size_t> order;
    for (std::size_t at = 0; at < made.rows.size(); ++at)
        order.push_back(at);
    random.shuffle(order);
    for (std::size_t at = 0; at < guarded; ++at)
        made.rows[order[at]].guarded = true;
    return made;
}

/// Machines that add to a number modulo 4: they converge, and never come to rest.
inline workload composed() {
    workload made{.name = "composed", .events = {}, .machines = 6, .states = 4, .rows = {}};
    for (std::size_t machine = 0; machine < made.machines; ++machine)
        for (std::size_t event = 0; event < 3; ++event) {
            for (std::size_t from = 0; from < made.states; ++from)
                made.rows.push_back(
                    {machine, from, made.events.size(), (from + event + 1) % made.states, false});
            made.events.push_back("event<" + std::to_string(made.events.size()) + ">");
        }
    return made;
}

/// The process of the example. States in the order of their first mention in its machines.
inline workload order() {
    return {
        .name = "order",
        .events =
            {"orders::order_placed", "orders::order_cancelled", "payments::payment_received",
             "payments::payment_timed_out", "payments::gateway_probed", "warehouse::item_picked",
             "warehouse::coffee_spilled"},
        .machines = 4,
        .states = 3,
        .rows =
            {{0, 0, 0, 1},
             {1, 0, 2, 1},
             {1, 0, 3, 2},
             {1, 2, 2, 1},
             {2, 0, 1, 1},
             {3, 0, 5, 1},
             {3, 0, 6, 1}},
        .declared = true};
}

inline std::vector<workload> all_workloads() {
    return {order(), drawn("flat", 10, 50, 3, 26, 1), composed(), drawn("large", 100, 100, 10, 0, 2)};
}

} // namespace generator
