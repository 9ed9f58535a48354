// SPDX-License-Identifier: MIT
#include <converge/verify/convergence.hpp>
#include <converge/verify/final_states.hpp>
#include <converge/verify/redelivery.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

// The checks against brute force over random machines: every disagreement is a bug.
namespace {

using namespace converge::detail;
using converge::letter_index;
using converge::state_index;

struct random_machine {
    std::size_t states;
    std::size_t letters;
    std::size_t commands;
    std::vector<state_index> next;
    std::vector<std::int8_t> net;

    machine_view view() const { return {states, letters, commands, 0, next, net}; }
};

/// Mostly steps forward: wholly random machines hardly ever converge, and the test would see one side only.
random_machine draw(std::mt19937& random) {
    auto const below = [&](std::size_t bound) { return random() % bound; };
    random_machine made{1 + below(5), 1 + below(3), below(3), {}, {}};
    auto const commuting = below(3) == 0;
    for (std::size_t letter = 0; letter < made.letters; ++letter)
        for (std::size_t state = 0; state < made.states; ++state) {
            auto to = below(2) == 0 ? state : below(made.states);
            if (commuting) // moves up to a state of its own: joins commute
                to = std::max<std::size_t>(state, std::min(letter + 1, made.states - 1));
            made.next.push_back(static_cast<state_index>(to));
            for (std::size_t command = 0; command < made.commands; ++command)
                made.net.push_back(
                    below(4) == 0 ? static_cast<std::int8_t>(static_cast<int>(below(3)) - 1)
                                  : std::int8_t{0});
        }
    if (commuting && below(2) == 0)
        std::fill(made.net.begin(), made.net.end(), std::int8_t{0});
    return made;
}

/// Where a history ends, and what it leaves standing.
struct outcome {
    std::size_t state;
    std::vector<int> net;
    auto operator<=>(outcome const&) const = default;
};

outcome run(machine_view const& machine, std::vector<std::size_t> const& history) {
    outcome at{machine.initial, std::vector<int>(machine.commands)};
    for (auto const letter : history) {
        for (std::size_t command = 0; command < machine.commands; ++command)
            at.net[command] += machine.sent(at.state, letter, command);
        at.state = machine.after(at.state, letter);
    }
    return at;
}

/// All histories up to a length, with where they end.
std::map<std::vector<std::size_t>, outcome> histories(machine_view const& machine, std::size_t length) {
    std::map<std::vector<std::size_t>, outcome> all{{{}, run(machine, {})}};
    std::vector<std::vector<std::size_t>> longest{{}};
    for (std::size_t size = 0; size < length; ++size) {
        std::vector<std::vector<std::size_t>> longer;
        for (auto const& each : longest)
            for (std::size_t letter = 0; letter < machine.letters; ++letter) {
                auto extended = each;
                extended.push_back(letter);
                all.emplace(extended, run(machine, extended));
                longer.push_back(std::move(extended));
            }
        longest = std::move(longer);
    }
    return all;
}

/// The length of the shortest two orders of the same letters that differ, by trying them all.
std::optional<std::size_t> shortest_difference(std::map<std::vector<std::size_t>, outcome> const& all) {
    std::optional<std::size_t> shortest;
    std::map<std::vector<std::size_t>, outcome> first_of_multiset;
    for (auto const& [history, end] : all) {
        auto sorted = history;
        std::sort(sorted.begin(), sorted.end());
        auto const [found, added] = first_of_multiset.emplace(sorted, end);
        if (!added && found->second != end)
            shortest = std::min(shortest.value_or(history.size()), history.size());
    }
    return shortest;
}

std::vector<std::size_t>
history_to(machine_view const& machine, reachable_states const& reached, state_index state) {
    std::vector<std::size_t> history;
    for (std::size_t step = 0; step < reached.distance(state, machine.initial); ++step)
        history.push_back(reached.letter(state, machine.initial, step));
    return history;
}

constexpr std::size_t machines_drawn = 4000;

} // namespace

TEST_CASE(
    "pairs of letters commute exactly where all permutations agree, and the counterexample is shortest") {
    std::mt19937 random{20261124};
    std::array<std::size_t, 3> seen{};
    for (std::size_t number = 0; number < machines_drawn; ++number) {
        auto const machine = draw(random);
        auto const view = machine.view();
        auto const reached = reach(view);
        auto const found = find_divergence(view, reached);
        // The farthest state is `states - 1` steps away, and two more letters show what is wrong there.
        auto const shortest = shortest_difference(histories(view, machine.states + 1));
        CAPTURE(number);
        ++seen[static_cast<std::size_t>(found.kind)];
        REQUIRE((found.kind != divergence_kind::none) == shortest.has_value());
        if (!shortest)
            continue;
        auto one = history_to(view, reached, found.state);
        auto other = one;
        one.insert(one.end(), {found.first, found.second});
        other.insert(other.end(), {found.second, found.first});
        CHECK(one.size() == *shortest);
        auto const one_end = run(view, one);
        auto const other_end = run(view, other);
        CHECK(one_end.state == found.one_end);
        CHECK(other_end.state == found.other_end);
        CHECK((one_end.state != other_end.state) == (found.kind == divergence_kind::states));
        CHECK(one_end != other_end);
    }
    for (auto const each : seen) // all three happened, and often
        CHECK(each > machines_drawn / 50);
}

TEST_CASE("in a converging machine a redelivery at any later time changes nothing, exactly where the check "
          "says so") {
    std::mt19937 random{7};
    std::size_t harmless = 0;
    std::size_t harmful = 0;
    for (std::size_t number = 0; number < machines_drawn; ++number) {
        auto const machine = draw(random);
        auto const view = machine.view();
        auto const reached = reach(view);
        if (find_divergence(view, reached).kind != divergence_kind::none)
            continue;
        std::array<bool, 4> const counts{};
        auto const found = find_redelivery(view, reached, counts);
        bool differs = false;
        for (auto const& [history, end] : histories(view, machine.states + 1)) {
            for (auto const letter : std::set<std::size_t>(history.begin(), history.end())) {
                auto again = history; // its first delivery is somewhere in the history, the second at the end
                again.push_back(letter);
                differs = differs || run(view, again) != end;
            }
        }
        CAPTURE(number);
        CHECK(differs == (found.kind != divergence_kind::none));
        ++(differs ? harmful : harmless);
    }
    CHECK(harmless > 100);
    CHECK(harmful > 100);
}

TEST_CASE("states are found in the order of their distance") {
    std::mt19937 random{11};
    for (std::size_t number = 0; number < machines_drawn; ++number) {
        auto const machine = draw(random);
        auto const view = machine.view();
        auto const reached = reach(view);
        std::map<std::size_t, std::size_t> distances;
        for (auto const& [history, end] : histories(view, machine.states)) {
            auto const [found, added] = distances.emplace(end.state, history.size());
            found->second = std::min(found->second, history.size());
        }
        REQUIRE(reached.size == distances.size());
        std::size_t before = 0;
        for (std::size_t at = 0; at < reached.size; ++at) {
            auto const state = reached.order[at];
            auto const history = history_to(view, reached, state);
            CHECK(history.size() == distances.at(state));
            CHECK(run(view, history).state == state);
            CHECK(history.size() >= before);
            before = history.size();
        }
    }
}

TEST_CASE("a state is stuck exactly where no history leads to an end") {
    std::mt19937 random{13};
    std::size_t stuck_ones = 0;
    for (std::size_t number = 0; number < machines_drawn; ++number) {
        auto const machine = draw(random);
        auto const view = machine.view();
        auto const reached = reach(view);
        auto const finals = absorbing_states(view);
        auto const found = find_stuck_state(view, reached, finals);
        auto const ends_from = [&](state_index from) {
            auto moved = view;
            moved.initial = from;
            auto const onward = histories(moved, machine.states);
            return std::any_of(onward.begin(), onward.end(), [&](auto const& each) {
                auto const state = each.second.state;
                for (std::size_t letter = 0; letter < view.letters; ++letter)
                    if (view.after(state, letter) != state)
                        return false;
                return true;
            });
        };
        bool any = false;
        for (std::size_t at = 0; at < reached.size; ++at)
            any = any || !ends_from(reached.order[at]);
        CAPTURE(number);
        CHECK(any == (found < view.states));
        if (found < view.states)
            CHECK_FALSE(ends_from(static_cast<state_index>(found)));
        stuck_ones += any ? 1U : 0U;
    }
    CHECK(stuck_ones > 100);
}
