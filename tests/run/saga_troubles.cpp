// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <run/order.hpp>

using namespace std::chrono_literals;

// What users of sagas report most, each with its answer here. Versions in flight: versions.cpp.
namespace {

void time_out(auto& store, std::string const& order) {
    converge::publish<payments::module>(store, order, payments::payment_timed_out{order}).value();
}

} // namespace

TEST_CASE("events before their instance: whatever comes first, nothing is discarded") {
    std::array<std::size_t, 4> order{0, 1, 2, 3};
    do {
        CAPTURE(order);
        converge::memory_store store;
        std::array<std::function<void()>, 4> const events{
            [&] { place(store, "1"); }, [&] { pay(store, "1", 120); }, [&] { cancel(store, "1"); },
            [&] { time_out(store, "1"); }};
        auto runner = converge::make_runner<order_process>(store, bookkeeper{});
        for (auto const each : order) {
            events[each]();
            runner.catch_up();
        }
        CHECK(standing(store).at("1") == "placed paid cancelled 120 0");
        CHECK(runner.parked().empty());
        auto booked = bookings(store);
        CHECK(std::ranges::count(booked, "1: refund 120") == 1);
        CHECK(std::ranges::count(booked, "1: ship") == std::ranges::count(booked, "1: recall"));
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("timeout and completion racing: both orders end in one place") {
    for (bool const money_first : {false, true}) {
        CAPTURE(money_first);
        converge::memory_store store;
        auto now = real_now();
        auto runner = converge::make_runner<order_process>(store, bookkeeper{}, {.now = [&] { return now; }});
        place(store, "1");
        runner.catch_up();
        now += 1h;
        if (money_first)
            pay(store, "1", 120); // not seen yet when the deadline is due
        runner.catch_up();
        if (!money_first)
            pay(store, "1", 120);
        runner.catch_up();
        CHECK(standing(store).at("1") == "placed paid open 120 0");
        CHECK(bookings(store) == std::vector<std::string>{"1: greet", "1: ship"});
        CHECK(runner.counts().deadlines == (money_first ? 0 : 1));
    }
}

TEST_CASE("late events after the end: they are taken, and what they ask for is done") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    place(store, "1");
    pay(store, "1", 120);
    cancel(store, "1");
    runner.catch_up();
    auto const booked = bookings(store).size();
    time_out(store, "1");
    cancel(store, "1");
    place(store, "1");
    runner.catch_up();
    CHECK(bookings(store).size() == booked);
    CHECK(standing(store).at("1") == "placed paid cancelled 120 0");
    pay(store, "1", 5); // late money is given back
    runner.catch_up();
    CHECK(bookings(store).back() == "1: refund 5");
    CHECK(runner.parked().empty());
}

TEST_CASE("duplicates that freeze a partition: neither they nor poison hold up anyone") {
    batch_store store;
    auto const handler = [](auto const& command, auto& context) {
        if (command.order == "poison")
            throw std::runtime_error{"never"};
        bookkeeper{}(command, context);
    };
    auto runner =
        converge::make_runner<order_process>(store, handler, {.batch_size = 16, .first_retry_after = 1ms});
    for (int number = 0; number < 100; ++number) {
        cancel(store, "1"); // the same again, as another event
        place(store, number % 10 == 0 ? "whose?" : "poison");
        pay(store, "poison", 150);
        place(store, std::to_string(number));
    }
    runner.catch_up();
    CHECK(store.load_cursor("order", "orders") == store.head("orders"));
    CHECK(store.load_cursor("order.commands", "orders") == store.head("orders"));
    auto const stands = standing(store);
    CHECK(stands.size() == 101);
    CHECK(stands.at("1") == "placed awaiting cancelled 0 0");
    CHECK(stands.at("99") == "placed awaiting open 0 1");
    CHECK(std::ranges::count(bookings(store), "99: greet") == 1);
    CHECK(runner.parked().size() == 12); // ten events without a key, "greet" and "ship"
}

TEST_CASE("what a running saga still waits for can be seen") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    auto const before = real_now();
    place(store, "1");
    runner.catch_up();
    auto const found = converge::read_instance<order_process>(store, "1");
    REQUIRE(found.has_value());
    converge::instance_view<order_process> const order{"1", found->states, found->data};
    CHECK(is_in<payment::awaiting>(order));
    REQUIRE(found->deadlines.size() == 1);
    CHECK(found->deadlines.front().due >= before + 15min);
    CHECK(found->deadlines.front().payload == R"({"order":"1"})");
}
