// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <run/order.hpp>

using namespace std::chrono_literals;

namespace {

converge::timestamp real_now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

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
