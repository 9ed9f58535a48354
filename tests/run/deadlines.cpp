// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <run/order.hpp>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct clock_in_hand {
    converge::timestamp now = real_now();
    converge::runner_options options() {
        converge::runner_options made;
        made.now = [this] { return now; };
        return made;
    }
};

std::size_t timeouts(auto& store) {
    std::size_t number = 0;
    store.read("payments", 0, ~std::size_t{0}, "payments", [&](converge::event_view const& event) {
        number += event.name == "payment_timed_out" ? 1U : 0U;
    });
    return number;
}

} // namespace

TEST_CASE("a deadline fires when it is due, once, and is an event like any other") {
    converge::memory_store store;
    clock_in_hand clock;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, clock.options());
    place(store, "1");
    runner.catch_up();
    clock.now += 14min;
    runner.catch_up();
    CHECK(timeouts(store) == 0);
    clock.now += 2min;
    runner.catch_up();
    CHECK(timeouts(store) == 1);
    CHECK(standing(store).at("1") == "placed expired open 0 0");
    clock.now += 24h;
    runner.catch_up();
    CHECK(timeouts(store) == 1);
    CHECK(runner.counts().deadlines == 1);
    pay(store, "1", 120); // late money is still money
    runner.catch_up();
    CHECK(standing(store).at("1") == "placed paid open 120 0");
}

TEST_CASE("what is due together is looked up in one call, where the store can do that") {
    lookup_store store;
    clock_in_hand clock;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, clock.options());
    for (auto const* order : {"1", "2", "3", "4", "5"})
        place(store, order);
    runner.catch_up();
    pay(store, "3", 1);
    runner.catch_up();
    store.looked_up_together.clear();
    auto const before = store.looked_up;
    clock.now += 24h;
    (void)runner.work();
    CHECK(timeouts(store.inner) == 4);
    CHECK(store.looked_up_together == std::vector<std::size_t>{5});
    CHECK(store.looked_up == before);
}

TEST_CASE("a deadline whose condition ends does not fire") {
    converge::memory_store store;
    clock_in_hand clock;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, clock.options());
    place(store, "1");
    runner.catch_up();
    pay(store, "1", 1);
    runner.catch_up();
    clock.now += 24h;
    runner.catch_up();
    CHECK(timeouts(store) == 0);
}

TEST_CASE("a restart finds the deadlines that are pending") {
    converge::memory_store store;
    clock_in_hand clock;
    for (auto const* order : {"1", "2", "3"})
        place(store, order);
    pay(store, "2", 1);
    converge::make_runner<order_process>(store, bookkeeper{}, clock.options()).catch_up();
    clock.now += 1h;
    converge::make_runner<order_process>(store, bookkeeper{}, clock.options()).catch_up();
    CHECK(timeouts(store) == 2);
    CHECK(standing(store).at("1") == "placed expired open 0 0");
    CHECK(standing(store).at("2") == "placed paid open 1 0");
    converge::make_runner<order_process>(store, bookkeeper{}, clock.options()).catch_up();
    CHECK(timeouts(store) == 2);
}

TEST_CASE("a deadline that could not be written is due again") {
    batch_store store;
    clock_in_hand clock;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, clock.options());
    place(store, "1");
    runner.catch_up();
    clock.now += 1h;
    store.before_write = [] { throw std::runtime_error{"disk full"}; };
    CHECK_THROWS_WITH(runner.catch_up(), "disk full");
    CHECK(timeouts(store.inner) == 0);
    store.before_write = [] {};
    runner.catch_up();
    CHECK(timeouts(store.inner) == 1);
}

namespace {

/// A reminder that leaves the instance as it is.
struct reminded {
    BOOST_HANA_DEFINE_STRUCT(reminded, (std::string, order));
};
struct reminders : converge::module<"reminders", reminded> {};
// The event is used by nothing but the deadline: its instance stays as it is.
struct remind_process {
    using reads = converge::reads<orders::module, reminders>;
    using machines = converge::machines<placement>;
    using effects = converge::effects<converge::effect<
        converge::when<placement::placed>, converge::deadline<reminded, converge::period{1min}>>>;
    static auto correlate(auto const& event) { return event.order; }
};
} // namespace

TEST_CASE("the cursor of deadlines does not wait for them, and one whose event changes nothing fires once") {
    converge::memory_store store;
    clock_in_hand clock;
    auto runner = converge::make_runner<remind_process>(store, [] {}, clock.options());
    place(store, "1");
    runner.catch_up();
    CHECK(store.load_cursor("remind_process.deadlines", "orders") == store.head("orders"));
    clock.now += 1h;
    runner.catch_up();
    CHECK(store.head("reminders") == 1);
    clock.now += 1h;
    runner.catch_up();
    CHECK(store.head("reminders") == 1);
}

namespace {

struct cancellations : converge::count<orders::order_cancelled> {};
struct counting_process {
    using reads = converge::reads<orders::module, reminders>;
    using machines = converge::machines<placement>;
    using data = converge::folds<cancellations>;
    using repeats = converge::repeats<orders::order_cancelled>;
    using effects = remind_process::effects;
    static auto correlate(auto const& event) { return event.order; }
};

} // namespace

TEST_CASE("a deadline keeps its id and its time while later steps leave it pending") {
    converge::memory_store store;
    clock_in_hand clock;
    auto runner = converge::make_runner<counting_process>(store, [] {}, clock.options());
    place(store, "1");
    runner.catch_up();
    auto const first = converge::read_instance<counting_process>(store, "1");
    REQUIRE(first.has_value());
    REQUIRE(first->deadlines.size() == 1);
    cancel(store, "1");
    runner.catch_up();
    auto const later = converge::read_instance<counting_process>(store, "1");
    REQUIRE(later.has_value());
    CHECK(later->version == 2);
    CHECK(later->deadlines == first->deadlines);
    clock.now += 1h;
    runner.catch_up();
    CHECK(store.head("reminders") == 1);
}

namespace {

struct warned {
    BOOST_HANA_DEFINE_STRUCT(warned, (std::string, order));
};
struct warnings : converge::module<"warnings", warned> {};
struct two_deadlines_process {
    using reads = converge::reads<orders::module, reminders, warnings>;
    using machines = converge::machines<placement>;
    using effects = converge::effects<
        converge::effect<
            converge::when<placement::placed>, converge::deadline<reminded, converge::period{1min}>>,
        converge::effect<
            converge::when<placement::placed>, converge::deadline<warned, converge::period{1h}>>>;
    static auto correlate(auto const& event) { return event.order; }
};

/// Shows the first step of an instance for the last one when a test says so, as a replica may.
class lagging_store : public batch_store {
public:
    bool lags = false;
    std::optional<converge::recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
        auto last = inner.last_of_stream(module, stream, viewer);
        if (lags && last && last->name == converge::step_event_name)
            inner.read_stream(module, stream, 0, 1, viewer, [&](converge::event_view const& event) {
                last = converge::recorded_event{event};
            });
        return last;
    }
};

} // namespace

TEST_CASE("of two deadlines of an instance each fires at its own time") {
    converge::memory_store store;
    clock_in_hand clock;
    auto const begin = clock.now;
    auto runner = converge::make_runner<two_deadlines_process>(store, [] {}, clock.options());
    place(store, "1");
    runner.catch_up();
    clock.now = begin + 5min;
    runner.catch_up();
    CHECK(store.head("reminders") == 1);
    CHECK(store.head("warnings") == 0);
    clock.now = begin + 59min;
    runner.catch_up();
    CHECK(store.head("warnings") == 0);
    clock.now = begin + 61min;
    runner.catch_up();
    CHECK(store.head("reminders") == 1);
    CHECK(store.head("warnings") == 1);
    CHECK(runner.counts().deadlines == 2);
}

TEST_CASE("a look-up that shows a step before the deadline's own is no cancellation") {
    lagging_store store;
    clock_in_hand clock;
    auto runner = converge::make_runner<counting_process>(store, [] {}, clock.options());
    cancel(store, "1"); // a step without a deadline
    runner.catch_up();
    place(store, "1");
    runner.catch_up();
    clock.now += 1h;
    store.lags = true;
    runner.catch_up();
    CHECK(store.head("reminders") == 0);
    store.lags = false;
    runner.catch_up();
    CHECK(store.head("reminders") == 1);
}

TEST_CASE("an observer is told when a deadline fires, once") {
    converge::memory_store store;
    clock_in_hand clock;
    std::vector<std::string> told;
    auto const make = [&] {
        return converge::make_runner<order_process>(
            store, bookkeeper{}, clock.options(), converge::json_codec{},
            [&](converge::deadline_fired const& fired) {
                CHECK(fired.due <= fired.at);
                CHECK(fired.at == clock.now);
                told.push_back(
                    std::string{fired.process} + " " + std::string{fired.key} + " " +
                    std::string{fired.event});
            });
    };
    auto runner = std::make_optional(make());
    place(store, "1");
    runner->catch_up();
    clock.now += 1h;
    runner->catch_up();
    std::vector<converge::cursor> const lost{
        {"order.deadlines", "orders", 0}, {"order.deadlines.fired", "orders", 0}};
    runner.reset();
    store.save_cursors(lost);
    runner.emplace(make());
    runner->catch_up();
    CHECK(told == std::vector<std::string>{"order 1 payment_timed_out"});
}

// How soon is a matter of `./dev bench deadlines`: here it must not be by the poll interval of an hour.
TEST_CASE("deadlines fire soon after their time while a runner runs, and none before it") {
    converge::memory_store store;
    std::vector<std::chrono::microseconds> delays; // of the runner's thread until it has ended
    std::atomic<std::size_t> fired{0};
    auto const told = [&](converge::deadline_fired const& each) {
        delays.push_back(each.at - each.due);
        ++fired;
    };
    // A quarter of an hour is over in a moment, and nothing but the clock says so.
    auto const start = real_now();
    converge::runner_options options{.poll_interval = 1h};
    options.now = [] { return real_now() + 15min - 300ms; };
    auto runner =
        converge::make_runner<order_process>(store, bookkeeper{}, options, converge::json_codec{}, told);
    for (int number = 0; number < 200; ++number)
        place(store, std::to_string(number));
    {
        std::jthread const working{[&](std::stop_token const& stop) { runner.run(stop); }};
        while (fired < 200 && real_now() < start + 20s)
            std::this_thread::sleep_for(1ms);
    }
    REQUIRE(delays.size() == 200);
    std::ranges::sort(delays);
    MESSAGE(
        "from due to fired: median " << delays[100].count() << " us, at most " << delays.back().count()
                                     << " us");
    CHECK(delays.front() >= 0us);
    CHECK(delays[100] < 5s);
}

TEST_CASE("a running runner notices at once that the clock has jumped over a deadline") {
    converge::memory_store store;
    std::atomic<std::int64_t> jump{0};
    std::atomic<std::size_t> fired{0};
    converge::runner_options options{.poll_interval = 1h};
    options.now = [&] { return real_now() + std::chrono::microseconds{jump.load()}; };
    auto runner = converge::make_runner<order_process>(
        store, bookkeeper{}, options, converge::json_codec{},
        [&](converge::deadline_fired const&) { ++fired; });
    place(store, "1");
    std::jthread const working{[&](std::stop_token const& stop) { runner.run(stop); }};
    while (bookings(store).empty())
        std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(50ms);
    CHECK(fired == 0);
    jump = std::chrono::microseconds{24h}.count();
    auto const begin = std::chrono::steady_clock::now();
    while (fired == 0 && std::chrono::steady_clock::now() < begin + 20s)
        std::this_thread::sleep_for(1ms);
    CHECK(fired == 1);
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}
