// SPDX-License-Identifier: MIT
#include <converge/run/observer.hpp>
#include <converge/testing/fake_clock.hpp>

#include <boost/mp11/algorithm.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <run/order.hpp>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;

// Unused hooks take no room, and no happening is made for them: see also tests/run/unobserved.
static_assert(std::is_empty_v<converge::no_observer>);
static_assert(
    sizeof(converge::detail::runner_context<converge::no_observer>) + sizeof(void*) ==
    sizeof(converge::detail::runner_context<void*>));
template <class Happening>
using is_unobserved = std::bool_constant<!converge::detail::observes<converge::no_observer, Happening>>;
static_assert(boost::mp11::mp_all_of<converge::happenings, is_unobserved>::value);

/// Counts how often the head of a log is asked for.
struct counting_store : converge::memory_store {
    int heads = 0;
    converge::position head(std::string_view module) {
        ++heads;
        return converge::memory_store::head(module);
    }
};

struct lag_of_modules {
    std::vector<std::string>* lines;
    void operator()(converge::batch_handled const& each) const {
        lines->push_back(
            std::string{each.process} + " " + std::string{each.module} + ": " + std::to_string(each.events) +
            " events, " + std::to_string(each.steps) + " steps, " + std::to_string(each.conflicts) +
            " conflicts, lag " + std::to_string(each.head - each.through));
    }
};

struct steps_of_instances {
    std::vector<std::string>* lines;
    void operator()(converge::step_recorded const& each) const {
        lines->push_back(
            std::string{each.process} + " " + std::string{each.key} + ", step " + std::to_string(each.step) +
            ": " + std::string{each.module} + " " + std::to_string(each.position) + " " +
            std::string{each.event} + ", " + std::to_string(each.commands) + " commands, " +
            std::to_string(each.deadlines) + " deadlines");
    }
};

struct parked_and_replayed {
    std::vector<std::string>* lines;
    void operator()(converge::item_parked const& each) const {
        lines->push_back(
            "parked " + std::string{each.kind} + " " + std::string{each.module} + " " +
            std::to_string(each.position) + " " + std::string{each.name} + ": " + std::string{each.reason});
    }
    void operator()(converge::item_replayed const& each) const {
        lines->push_back("replayed " + std::string{each.kind} + " " + std::string{each.name});
    }
};

} // namespace

TEST_CASE("an observer is told how far each module lags behind, batch by batch") {
    converge::memory_store store;
    for (auto const* const key : {"1", "2", "3"})
        place(store, key);
    pay(store, "1", 5);
    std::vector<std::string> lines;
    auto runner = converge::make_runner<order_process>(
        store, [](auto const&) {}, {.batch_size = 2}, converge::json_codec{}, lag_of_modules{&lines});
    runner.work();
    REQUIRE(lines.size() == 2);
    // The runner's own records are in the log of its home module, and so count there as well.
    CHECK(lines[0].starts_with("order orders: 2 events, 2 steps, 0 conflicts, lag "));
    CHECK_FALSE(lines[0].ends_with("lag 0"));
    CHECK(lines[1] == "order payments: 1 events, 1 steps, 0 conflicts, lag 0");
    runner.catch_up();
    CHECK(lines.back().ends_with("lag 0"));
}

TEST_CASE("an observer is told of each step, with what it asks for and waits for") {
    converge::memory_store store;
    std::vector<std::string> lines;
    auto runner = converge::make_runner<order_process>(
        store, [](auto const&) {}, {}, converge::json_codec{}, steps_of_instances{&lines});
    place(store, "1");
    runner.catch_up();
    pay(store, "1", 100);
    runner.catch_up();
    place(store, "1"); // changes nothing
    runner.catch_up();
    CHECK(
        lines == std::vector<std::string>{
                     "order 1, step 1: orders 2 order_placed, 1 commands, 1 deadlines",
                     "order 1, step 2: payments 1 payment_received, 1 commands, 0 deadlines"});
}

TEST_CASE("an observer is told of events that are parked and replayed, in UTF-8 whatever was thrown") {
    converge::memory_store store;
    std::vector<std::string> lines;
    auto runner = converge::make_runner<order_process>(
        store,
        [&, failed = false](auto const&) mutable {
            if (!std::exchange(failed, true))
                throw std::runtime_error{"not \xff here"};
        },
        {.command_attempts = 1}, converge::json_codec{}, parked_and_replayed{&lines});
    much_is_paid::throws_at = 7;
    pay(store, "1", 7);
    runner.catch_up();
    CHECK(
        lines == std::vector<std::string>{
                     "parked event payments 1 payment_received: the process threw: no opinion on this sum"});
    much_is_paid::throws_at = -1;
    CHECK(runner.replay_parked() == 1);
    CHECK(lines.back() == "replayed event payment_received");
    runner.catch_up();
    CHECK(lines.back().ends_with("greet: the handler threw: not \xEF\xBF\xBD here"));
}

TEST_CASE("several observers are one, which takes what any of them takes") {
    using both = converge::observers<steps_of_instances, lag_of_modules>;
    static_assert(converge::detail::observes<both, converge::step_recorded>);
    static_assert(converge::detail::observes<both, converge::batch_handled>);
    static_assert(!converge::detail::observes<both, converge::item_parked>);
    converge::memory_store store;
    place(store, "1");
    std::vector<std::string> steps;
    std::vector<std::string> batches;
    std::vector<std::string> elsewhere;
    steps_of_instances further{&elsewhere};
    auto runner = converge::make_runner<order_process>(
        store, [](auto const&) {}, {}, converge::json_codec{},
        converge::observers{steps_of_instances{&steps}, lag_of_modules{&batches}, std::ref(further)});
    runner.catch_up();
    CHECK(steps.size() == 1);
    CHECK(steps == elsewhere);
    CHECK(batches.size() >= 1);
}

TEST_CASE("the head of a log is asked for only where somebody wants to know the lag") {
    std::vector<std::string> lines;
    auto const heads_asked_for = [&](auto observer) {
        counting_store store;
        place(store, "1");
        auto runner = converge::make_runner<order_process>(
            store, [](auto const&) {}, {}, converge::json_codec{}, std::move(observer));
        auto const before = store.heads;
        runner.catch_up();
        return store.heads - before;
    };
    CHECK(heads_asked_for(converge::no_observer{}) == heads_asked_for(steps_of_instances{&lines}));
    CHECK(heads_asked_for(converge::no_observer{}) < heads_asked_for(lag_of_modules{&lines}));
}
