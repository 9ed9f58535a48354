// SPDX-License-Identifier: MIT
#include "difference_bound.hpp"
#include "difference_search.hpp"
#include "process_check.hpp"
#include "process_drawing.hpp"

#include <converge/verify/order_differences.hpp>
#include <converge/verify/redelivery.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The checks against brute force over random processes: every disagreement is a bug.
namespace {

using namespace converge::detail;
using namespace drawn;

std::string written(deliveries const& history, std::size_t letters) {
    std::string text;
    for (auto const each : history) {
        auto const delivery = number_of(each);
        text += ' ' + std::to_string(delivery % letters) + (delivery >= letters ? " again" : "");
    }
    return text;
}

/// The two histories can happen, have the same deliveries but for a redelivery, and look as different as
/// said.
void confirm_counterexample(meaning const& process, check_result const& found) {
    INFO("one: ", written(found.one, process.letters()));
    INFO("other: ", written(found.other, process.letters()));
    REQUIRE(process.can_happen(found.one));
    REQUIRE(process.can_happen(found.other));
    if (is_redelivery(found.fault)) {
        std::size_t at = 0;
        while (at < found.one.size() && found.one[at] == found.other[at])
            ++at;
        auto once = found.other;
        auto const removed = number_of(once[at]);
        once.erase(at, 1);
        REQUIRE(once == found.one);
        REQUIRE(at > 0);
        REQUIRE_FALSE(process.of().repeats[process.event(removed)]);
        REQUIRE(process.letter(number_of(once[at - 1])) == process.letter(removed));
    } else {
        REQUIRE(process.same_but_for_races(found.one) == process.same_but_for_races(found.other));
    }
    auto const one = process.run(found.one);
    auto const other = process.run(found.other);
    REQUIRE(one.states == found.one_end);
    REQUIRE(other.states == found.other_end);
    if (is_of_commands(found.fault))
        REQUIRE(one.net != other.net);
    else
        REQUIRE(process.look_of(one).seen != process.look_of(other).seen);
}

/// How often what happened.
struct tally {
    std::size_t drawn = 0;
    std::size_t incomplete = 0; // too many nodes for the check
    std::size_t undecided = 0;  // too many histories for the brute force
    std::size_t merged = 0;
    std::size_t raced = 0;
    std::size_t late = 0; // differences that later deliveries show
    std::array<std::size_t, 5> faults{};

    std::size_t of(order_fault fault) const { return faults[static_cast<std::size_t>(fault)]; }

    void expect_variety() const {
        MESSAGE(
            drawn, " drawn: none ", of(order_fault::none), " (", merged, " of them merge states, in ", raced,
            " an accepted race is one), states ", of(order_fault::states), ", commands ",
            of(order_fault::commands), ", redelivery ", of(order_fault::redelivery_states),
            ", commands of a redelivery ", of(order_fault::redelivery_commands), "; ", late,
            " seen late; incomplete ", incomplete, ", undecided ", undecided);
        for (auto const each : faults)
            CHECK(each * 40 > drawn);
        CHECK(incomplete * 50 < drawn);
        CHECK(undecided * 25 < drawn);
    }
};

constexpr std::size_t most_histories = 20000;
constexpr std::size_t all_histories_every = 25;

/// The check found a difference exactly where there is one, and a shortest one where the states are seen.
void confirm_verdict(meaning const& process, check_result const& found, bool states_are_seen, tally& count) {
    auto const length = found.fault == order_fault::none ? difference_bound{process}.length()
                                                         : std::max(found.one.size(), found.other.size());
    CAPTURE(length);
    difference_search search{process, most_histories};
    auto const shortest = search.shortest_up_to(length);
    if (!shortest && search.tried() < length)
        ++count.undecided;
    else
        REQUIRE(shortest.has_value() == (found.fault != order_fault::none));
    if (shortest && states_are_seen)
        REQUIRE(*shortest == length);
}

/// The brute force takes histories together; so it is checked in its turn against histories one by one.
void confirm_brute_force(meaning const& process) {
    auto const length = process.letters() <= 3 ? 4U : 3U;
    difference_search search{process, most_histories};
    REQUIRE(search.shortest_up_to(length) == shortest_difference_of_all(process, length));
}

/// What is known of accepted races and merged states has to follow from the verdicts of other processes.
void confirm_remarks(process const& drawn, check_result const& found, bool states_are_seen, tally& count) {
    count.merged += found.merged ? 1U : 0U;
    count.raced += found.accepted != 0 ? 1U : 0U;
    if (!drawn.accepted.empty()) {
        auto without_idle = drawn;
        without_idle.accepted.clear();
        for (std::size_t at = 0; at < drawn.accepted.size(); ++at)
            if (((found.accepted >> at) & 1U) != 0)
                without_idle.accepted.push_back(drawn.accepted[at]);
        REQUIRE(check(without_idle).fault == order_fault::none);
    }
    auto unmerged = drawn;
    for (std::size_t number = 0; number < unmerged.seen_as.size(); ++number)
        unmerged.seen_as[number] = static_cast<unsigned>(number);
    if (states_are_seen)
        REQUIRE_FALSE(found.merged);
    else
        REQUIRE(found.merged == (check(unmerged).fault != order_fault::none));
    if (found.accepted != 0) {
        unmerged.accepted.clear();
        REQUIRE(check(unmerged).fault != order_fault::none);
    }
}

/// Draws processes and compares what the check says of each with what its histories say.
template <class More>
tally compare(std::uint32_t seed, std::size_t number, drawing const& options, More more) {
    process_drawer drawer{seed, options};
    tally count;
    for (; count.drawn < number; ++count.drawn) {
        auto const drawn = drawer.draw();
        INFO("seed ", seed, ", draw ", count.drawn, "\n", drawn);
        meaning const process{drawn};
        auto const found = check(drawn);
        if (!found.complete) {
            ++count.incomplete;
            continue;
        }
        ++count.faults[static_cast<std::size_t>(found.fault)];
        count.late += found.more > 0 ? 1U : 0U;
        if (found.fault != order_fault::none)
            confirm_counterexample(process, found);
        else
            confirm_remarks(drawn, found, !options.conditions, count);
        confirm_verdict(process, found, !options.conditions, count);
        if (count.drawn % all_histories_every == 0)
            confirm_brute_force(process);
        more(process, found);
    }
    return count;
}

tally compare(std::uint32_t seed, std::size_t number, drawing const& options) {
    return compare(seed, number, options, [](meaning const&, check_result const&) {});
}

/// The check of one machine alone says the same.
void confirm_machine_check(meaning const& process, check_result const& found) {
    auto const& drawn = process.of();
    auto const& machine = drawn.machines.front();
    std::vector<state_index> next;
    std::vector<std::int8_t> net;
    std::array<bool, maximum_letters> counts{};
    for (std::size_t letter = 0; letter < drawn.letters.size(); ++letter) {
        counts[letter] = drawn.repeats[drawn.letters[letter].event];
        for (std::size_t state = 0; state < machine.states; ++state) {
            next.push_back(static_cast<state_index>(drawn.after[letter][state]));
            for (std::size_t command = 0; command < drawn.commands; ++command)
                net.push_back(static_cast<std::int8_t>(drawn.sends[letter][state][command]));
        }
    }
    machine_view const view{machine.states, drawn.letters.size(),
                            drawn.commands, static_cast<state_index>(machine.initial),
                            next,           net};
    auto const reached = reach(view);
    std::optional<std::size_t> shortest;
    for (auto const& each : {find_divergence(view, reached), find_redelivery(view, reached, counts)})
        if (each.kind != divergence_kind::none) {
            auto const length = reached.distance(each.state, view.initial) + 2;
            shortest = std::min(shortest.value_or(length), length);
        }
    REQUIRE(shortest.has_value() == (found.fault != order_fault::none));
    if (shortest)
        REQUIRE(*shortest == std::max(found.one.size(), found.other.size()));
}

constexpr std::size_t processes_drawn = 4000;

} // namespace

TEST_CASE("orders and redeliveries of one machine agree exactly where both checks say so") {
    compare(20261101, processes_drawn, {.machines = 1, .events = 4}, confirm_machine_check).expect_variety();
}

TEST_CASE("one machine in an environment: the orders that it admits agree exactly where the check says so") {
    drawing const options{.machines = 1, .events = 4, .environment = true, .bystanders = true};
    compare(20261102, processes_drawn, options).expect_variety();
}

TEST_CASE("several machines agree in what conditions see of them exactly where the check says so") {
    drawing const options{.machines = 3, .events = 3, .conditions = true, .bystanders = true};
    auto const count = compare(20261103, processes_drawn, options);
    count.expect_variety();
    CHECK(count.merged * 10 > processes_drawn);
}

TEST_CASE("several machines in an environment agree exactly where the check says so") {
    drawing const options{
        .machines = 3, .events = 3, .environment = true, .conditions = true, .bystanders = true};
    auto const count = compare(20261104, processes_drawn, options);
    count.expect_variety();
    CHECK(count.merged * 10 > processes_drawn);
}

TEST_CASE("states that differ unseen for long agree exactly where the check says so") {
    drawing const options{
        .machines = 2, .events = 4, .environment = true, .conditions = true, .secrets = true};
    auto const count = compare(20261105, processes_drawn, options);
    count.expect_variety();
    CHECK(count.late * 20 > processes_drawn);
}

TEST_CASE("orders agree up to accepted races exactly where the check says so") {
    drawing const options{.machines = 3, .events = 3, .races = true, .bystanders = true};
    auto const count = compare(20261106, processes_drawn, options);
    count.expect_variety();
    CHECK(count.raced * 40 > processes_drawn);
}

TEST_CASE("orders in an environment agree up to accepted races exactly where the check says so") {
    drawing const options{
        .machines = 3,
        .events = 3,
        .environment = true,
        .conditions = true,
        .races = true,
        .bystanders = true};
    auto const count = compare(20261107, processes_drawn, options);
    count.expect_variety();
    CHECK(count.raced * 40 > processes_drawn);
}

namespace {

/// Many machines of four states, of which only the last two move: each goes where the first of two events
/// says, to states 1 and 2, or 2 and 1.
template <std::size_t Machines> struct machines_with_a_race {
    std::array<std::size_t, Machines> counts{};
    std::array<state_index, Machines> initial{};
    std::array<bool, Machines> explored{};
    std::array<state_index, 8> next{1, 1, 2, 3, 2, 1, 2, 3};
    std::array<letter_target, 4> targets{
        {{Machines - 2, 0}, {Machines - 1, 4}, {Machines - 2, 4}, {Machines - 1, 0}}};
    std::array<std::uint32_t, 3> first_target{0, 2, 4};
    std::array<event_index, 2> events{0, 1};
    std::array<bool, 2> repeats{};

    machines_with_a_race() {
        counts.fill(4);
        explored.fill(true);
    }
    auto check() const {
        composition_view const view{counts, initial, explored, first_target, targets, next,
                                    {},     0,       events,   repeats,      {},      {}};
        using plan = exploration_plan<2, Machines, 2>;
        explored_histories<8, 4, plan, Machines> const histories{view, plan{view}};
        auto const fault =
            order_comparison<decltype(histories), 8, std::equal_to<>>{view, histories, {}}.run().fault;
        return std::pair{histories.complete, fault};
    }
};

} // namespace

TEST_CASE("states that have no number of their own are not taken for each other") {
    CHECK(machines_with_a_race<23>{}.check() == std::pair{true, order_fault::states});
    CHECK_FALSE(machines_with_a_race<24>{}.check().first); // 4^24 reaches the bound
    CHECK_FALSE(machines_with_a_race<26>{}.check().first);
}
