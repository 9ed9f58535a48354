// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <run/order.hpp>
#include <thread>

using namespace std::chrono_literals;

// Commands handed over by the runner's own thread.
namespace {

struct clocks {
    std::chrono::steady_clock::time_point now{};
    converge::runner_options options(converge::runner_options made = {}) {
        made.jitter = converge::retry_jitter::none;
        made.steady_now = [this] { return now; };
        return made;
    }
};

/// Notes what it gets, in its order; throws when a test says so.
struct noting {
    std::vector<std::string>* calls;
    std::function<bool(std::string const& order, std::string const& command, std::uint32_t attempt)> fails =
        [](auto const&...) { return false; };

    template <class Command> void operator()(Command const& command, auto& context) const {
        std::string const name{converge::wire_name_of<Command>};
        calls->push_back(command.order + ": " + name);
        if (fails(command.order, name, context.attempt()))
            throw std::runtime_error{"the bank is closed"};
        bookkeeper{}(command, context);
    }
};

void work_until_idle(auto& runner) {
    while (runner.work()) {
    }
}

/// An order with so many refunds after its first command.
template <class Store> void refund_often(Store& store, std::string const& order, int refunds) {
    cancel(store, order);
    for (int number = 0; number < refunds; ++number)
        pay(store, order, 1);
}

using calls = std::vector<std::string>;

} // namespace

TEST_CASE("a command that waits for its retry holds up its own instance and no other") {
    batch_store store;
    clocks time;
    calls seen;
    noting handler{&seen, [](std::string const& order, std::string const&, std::uint32_t attempt) {
                       return order == "1" && attempt < 3;
                   }};
    auto runner = converge::make_runner<order_process>(
        store, handler, time.options({.first_retry_after = 100ms, .longest_retry_after = 1s}));
    place(store, "1");
    pay(store, "1", 150);
    place(store, "2");
    pay(store, "2", 150);
    work_until_idle(runner);
    CHECK(seen == calls{"1: greet", "2: greet", "2: ship"});
    // Nothing is late, nothing early.
    time.now += 99ms;
    CHECK_FALSE(runner.work());
    time.now += 1ms;
    CHECK(runner.work());
    CHECK(seen.back() == "1: greet");
    CHECK(seen.size() == 4);
    time.now += 199ms; // twice as long now
    CHECK_FALSE(runner.work());
    place(store, "3");
    work_until_idle(runner);
    CHECK(seen.back() == "3: greet");
    time.now += 1ms;
    work_until_idle(runner);
    CHECK(seen == calls{"1: greet", "2: greet", "2: ship", "1: greet", "3: greet", "1: greet", "1: ship"});
    CHECK(runner.parked().empty());
}

TEST_CASE("catching up waits for retries, and a stop ends the wait") {
    converge::memory_store store;
    std::size_t attempts = 0;
    auto runner = converge::make_runner<order_process>(
        store,
        [&](auto const&) {
            if (++attempts < 4)
                throw std::runtime_error{"the bank is closed"};
        },
        {.command_attempts = 9, .first_retry_after = 5ms, .jitter = converge::retry_jitter::equal});
    place(store, "1");
    auto const began = std::chrono::steady_clock::now();
    runner.catch_up();
    CHECK(attempts == 4);
    CHECK(std::chrono::steady_clock::now() - began >= 17ms); // halves of 5, 10, 20
    CHECK(runner.counts().commands == 1);

    attempts = 0;
    bare_store other;
    place(other, "1");
    auto waiting = converge::make_runner<order_process>(
        other,
        [&](auto const&) {
            ++attempts;
            throw std::runtime_error{"the bank is closed"};
        },
        {.first_retry_after = 1h, .longest_retry_after = 1h, .jitter = converge::retry_jitter::none});
    {
        std::jthread const catching_up{[&](std::stop_token const& stop) { waiting.catch_up(stop); }};
        std::this_thread::sleep_for(50ms);
    }
    CHECK(attempts == 1);
    CHECK(waiting.parked().empty());
    for (int turn = 0; turn < 10 && waiting.work(); ++turn) {
    } // on a busy machine the thread has not come to all
    CHECK_FALSE(waiting.work()); // does not block
}

TEST_CASE("a running runner wakes when a retry is due") {
    converge::memory_store store;
    std::atomic<std::size_t> attempts{0};
    auto runner = converge::make_runner<order_process>(
        store,
        [&](auto const&) {
            if (++attempts < 3)
                throw std::runtime_error{"the bank is closed"};
        },
        {.poll_interval = 1h, .first_retry_after = 20ms, .jitter = converge::retry_jitter::none});
    place(store, "1");
    std::jthread const working{[&](std::stop_token const& stop) { runner.run(stop); }};
    for (auto const end = std::chrono::steady_clock::now() + 20s;
         attempts < 3 && std::chrono::steady_clock::now() < end;)
        std::this_thread::sleep_for(1ms);
    CHECK(attempts == 3);
}

TEST_CASE("an instance with many commands does not hold up the others, and keeps its order") {
    batch_store store;
    clocks time;
    refund_often(store, "hot", 1'000);
    for (int number = 0; number < 50; ++number)
        place(store, std::to_string(number));
    calls seen;
    auto runner = converge::make_runner<order_process>(
        store, noting{&seen}, time.options({.batch_size = 64, .command_window = 64}));
    runner.catch_up();
    CHECK(seen.size() == 1'051);
    auto const last_other = std::find_if(
        seen.rbegin(), seen.rend(), [](std::string const& call) { return !call.starts_with("hot"); });
    // Each turn of the hot one has 4 commands, a sixteenth of the window.
    CHECK(seen.rend() - last_other < 400);
    CHECK(runner.counts().commands == 1'051);
    CHECK(store.load_cursor("order.commands", "orders") == store.head("orders"));
    std::vector<std::string> const booked = bookings(store);
    CHECK(booked.size() == 1'051);
}

TEST_CASE("commands in memory are bounded, whatever the backlog") {
    converge::detail::command_window window{32};
    auto const command_of = [](std::uint64_t step) {
        std::vector<converge::detail::due_command> one(1);
        one.front().place = {step, 0};
        return one;
    };
    std::uint64_t step = 0;
    while (window.take(std::to_string(step % 40), 0, step + 1, step / 40 + 1, command_of(step + 1)))
        ++step;
    CHECK(window.size() <= 32);
    CHECK_FALSE(window.has_room());
    // One instance alone never fills it.
    converge::detail::command_window shared{32};
    for (step = 1; step <= 100'000; ++step)
        REQUIRE(shared.take("hot", 0, step, step, command_of(step)));
    CHECK(shared.size() == 2);
    CHECK(shared.take("other", 0, step, 1, command_of(step)));
    std::vector<converge::position> through{step};
    shared.limit_to_finished(through);
    CHECK(through.front() == 0);
    auto* const lane = shared.next({});
    CHECK(lane->key == "hot");
    shared.finish(*lane, false);
    CHECK(shared.next({})->key == "hot"); // its second, read before the other one
    shared.finish(*lane, false);
    CHECK(shared.next({})->key == "other");
    through = {step};
    shared.limit_to_finished(through);
    CHECK(through.front() == 2);
    REQUIRE(shared.lanes_to_refill().size() == 1);
    CHECK(lane->read_version == 2);
    CHECK(lane->seen == 100'000);
}

TEST_CASE("the cursor waits before what is unfinished, and what is done behind it is done once") {
    for (bool const restarted : {false, true}) {
        CAPTURE(restarted);
        batch_store store;
        clocks time;
        calls seen;
        bool closed = true;
        noting const handler{&seen, [&](std::string const& order, std::string const&, std::uint32_t) {
                                 return closed && order == "1";
                             }};
        auto const make = [&] {
            return converge::make_runner<order_process>(
                store, handler, time.options({.batch_size = 2, .command_attempts = 9}));
        };
        auto runner = std::make_optional(make());
        for (auto const* order : {"0", "1", "2", "3", "4"})
            place(store, order);
        work_until_idle(*runner);
        CHECK(seen == calls{"0: greet", "1: greet", "2: greet", "3: greet", "4: greet"});
        auto const cursor = store.load_cursor("order.commands", "orders");
        CHECK(cursor > 0);
        CHECK(cursor < store.head("orders") - 3);
        CHECK(bookings(store).size() == 4);
        if (restarted) {
            runner.reset();
            runner.emplace(make());
        }
        closed = false;
        seen.clear();
        time.now += 1h;
        work_until_idle(*runner);
        if (restarted) // again, but its effect is there
            CHECK(seen == calls{"1: greet", "2: greet", "3: greet", "4: greet"});
        else
            CHECK(seen == calls{"1: greet"});
        CHECK(bookings(store).size() == 5);
        CHECK(store.load_cursor("order.commands", "orders") == store.head("orders"));
    }
}

TEST_CASE("a handler knows the attempt, and where its command comes from") {
    converge::memory_store store;
    std::vector<converge::command_origin> origins;
    std::vector<std::uint32_t> attempts;
    auto runner = converge::make_runner<order_process>(
        store,
        [&](auto const&, auto const& context) {
            origins.push_back(context.origin());
            attempts.push_back(context.attempt());
            if (origins.back().place.index == 0 && origins.back().module == "payments")
                throw std::runtime_error{"the bank is closed"};
        },
        {.command_attempts = 2, .first_retry_after = 0ms});
    place(store, "1");
    pay(store, "1", 150);
    runner.catch_up();
    cancel(store, "1"); // recall, refund
    runner.catch_up();
    REQUIRE(origins.size() == 5);
    CHECK(attempts == std::vector<std::uint32_t>{1, 1, 2, 1, 1});
    auto const event = [](converge::command_origin const& origin) {
        return origin.process + " " + origin.instance + " " + origin.module + " " +
               std::to_string(origin.position) + " " + std::to_string(origin.place.index) + " " +
               std::to_string(origin.passed_over.size());
    };
    CHECK(event(origins[0]) == "order 1 orders 2 0 0");
    CHECK(event(origins[1]) == "order 1 payments 1 0 0");
    CHECK(event(origins[2]) == event(origins[1]));
    CHECK(event(origins[3]).starts_with("order 1 orders "));
    CHECK(event(origins[4]).ends_with(" 1 1"));
    CHECK(origins[4].place > origins[3].place);
    CHECK(origins[4].passed_over == std::vector<converge::command_place>{origins[1].place});
    // A user may put it in an event.
    std::string text;
    converge::json_codec{}.encode(origins[4], text);
    CHECK(converge::json_codec{}.decode<converge::command_origin>(text).value() == origins[4]);
}

TEST_CASE("what is parked is left to its replay, also when the cursors are lost") {
    batch_store store;
    clocks time;
    calls seen;
    bool closed = true;
    noting const handler{&seen, [&](std::string const&, std::string const& command, std::uint32_t) {
                             return closed && command == "ship";
                         }};
    auto const make = [&] {
        return converge::make_runner<order_process>(store, handler, time.options({.command_attempts = 1}));
    };
    auto runner = std::make_optional(make());
    place(store, "1");
    pay(store, "1", 150);
    work_until_idle(*runner);
    CHECK(seen == calls{"1: greet", "1: ship"});
    runner.reset();
    std::vector<converge::cursor> const lost{{"order.commands", "orders", 0}};
    store.save_cursors(lost);
    runner.emplace(make());
    seen.clear();
    work_until_idle(*runner);
    CHECK(seen == calls{"1: greet"});
    REQUIRE(runner->parked().size() == 1);
    closed = false;
    CHECK(runner->replay_parked() == 1);
    CHECK(runner->parked().empty());
    CHECK(bookings(store) == calls{"1: greet", "1: ship"});
}

TEST_CASE("no command overtakes one of its instance before it is written that this is parked") {
    bare_store store;
    clocks time;
    calls seen;
    noting const handler{&seen, [&](std::string const&, std::string const& command, std::uint32_t) {
                             return command == "greet";
                         }};
    place(store, "1");
    pay(store, "1", 150);
    auto runner = converge::make_runner<order_process>(store, handler, time.options({.command_attempts = 1}));
    store.before_write = [&] {
        if (!seen.empty())
            throw std::runtime_error{"disk full"};
    };
    CHECK_THROWS_WITH(runner.catch_up(), "disk full");
    CHECK_THROWS_WITH(runner.catch_up(), "disk full");
    CHECK(seen == calls{"1: greet"});
    store.before_write = [] {};
    work_until_idle(runner);
    CHECK(seen == calls{"1: greet", "1: ship"});
    CHECK(runner.parked().size() == 1);
}

TEST_CASE("what could not be written is written later, and is not handed over again") {
    bare_store store;
    calls seen;
    for (auto const* order : {"1", "2", "3"})
        place(store, order);
    auto runner = converge::make_runner<order_process>(store, noting{&seen});
    store.before_write = [&] {
        if (seen.size() == 3)
            throw std::runtime_error{"disk full"};
    };
    CHECK_THROWS_WITH(runner.catch_up(), "disk full");
    CHECK(bookings(store).empty());
    store.before_write = [] {};
    runner.catch_up();
    CHECK(seen.size() == 3);
    CHECK(bookings(store) == calls{"1: greet", "2: greet", "3: greet"});
    CHECK(runner.counts().commands == 3);
}

namespace {

/// Writes down what becomes of commands.
struct command_log {
    std::vector<std::string>* lines;
    std::thread::id thread = std::this_thread::get_id();

    void add(std::string line) {
        CHECK(std::this_thread::get_id() == thread);
        lines->push_back(std::move(line));
    }
    void operator()(converge::command_handled const& each) {
        add("handled " + std::string{each.key} + " " + std::string{each.command} + " " +
            std::to_string(each.attempt));
    }
    void operator()(converge::command_failed const& each) {
        add("failed " + std::string{each.key} + " " + std::string{each.command} + " " +
            std::to_string(each.attempt) + " " + std::string{each.reason} + " " +
            std::to_string(each.retry_after.count()));
    }
    void operator()(converge::item_parked const& each) {
        add("parked " + std::string{each.kind} + " " + std::string{each.name} + " " +
            std::string{each.reason});
    }
    void operator()(converge::item_replayed const& each) {
        add("replayed " + std::string{each.kind} + " " + std::string{each.name});
    }
};

} // namespace

TEST_CASE("an observer is told what becomes of commands, by the runner's thread") {
    for (std::size_t const threads : {1U, 3U}) {
        CAPTURE(threads);
        converge::memory_store store;
        std::vector<std::string> lines;
        std::atomic<std::size_t> left{3};
        auto runner = converge::make_runner<order_process>(
            store,
            [&](auto const&) {
                if (left > 0) {
                    --left;
                    throw std::runtime_error{"closed"};
                }
            },
            {.command_attempts = 2,
             .first_retry_after = 1ms,
             .jitter = converge::retry_jitter::none,
             .concurrent_commands = threads},
            converge::json_codec{}, command_log{&lines});
        place(store, "1");
        runner.catch_up();
        CHECK(runner.replay_parked() == 1);
        CHECK(
            lines == std::vector<std::string>{
                         "failed 1 greet 1 the handler threw: closed 1000000",
                         "parked command greet the handler threw: closed",
                         "failed 1 greet 1 the handler threw: closed 1000000", "handled 1 greet 2",
                         "replayed command greet"});
    }
}
