// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <run/order.hpp>
#include <thread>

using namespace std::chrono_literals;

TEST_CASE("an order from its first event to its refund") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    place(store, "1");
    runner.catch_up();
    CHECK(bookings(store) == std::vector<std::string>{"1: greet"});
    CHECK(standing(store).at("1") == "placed awaiting open 0 1");
    pay(store, "1", 60);
    runner.catch_up();
    pay(store, "1", 60);
    runner.catch_up();
    cancel(store, "1");
    runner.catch_up();
    pay(store, "1", 5); // late
    runner.catch_up();
    CHECK(
        bookings(store) ==
        std::vector<std::string>{"1: greet", "1: ship", "1: recall", "1: refund 120", "1: refund 5"});
    CHECK(standing(store).at("1") == "placed paid cancelled 125 0");
    CHECK(runner.counts().events == 5);
    CHECK(runner.counts().steps == 5);
    CHECK(runner.counts().commands == 5);
}

TEST_CASE("events before their instance's first are not lost") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    cancel(store, "1");
    runner.catch_up();
    pay(store, "1", 7);
    runner.catch_up();
    place(store, "1");
    runner.catch_up();
    CHECK(standing(store).at("1") == "placed paid cancelled 7 0");
    CHECK(bookings(store) == std::vector<std::string>{"1: greet", "1: refund 7"});
}

TEST_CASE("lost cursors cost rereading and nothing else") {
    converge::memory_store store;
    for (auto const* order : {"1", "2", "3"}) {
        place(store, order);
        pay(store, order, 150);
    }
    cancel(store, "2");
    converge::make_runner<order_process>(store, bookkeeper{}).catch_up();
    auto const booked = bookings(store);
    auto const stands = standing(store);
    auto const recorded = steps(store);
    std::vector<converge::cursor> const lost{
        {"order", "orders", 0},
        {"order", "payments", 0},
        {"order.commands", "orders", 0},
        {"order.deadlines", "orders", 0}};
    store.save_cursors(lost);
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    runner.catch_up();
    CHECK(runner.counts().redelivered + runner.counts().unchanged == 7);
    CHECK(runner.counts().steps == 0);
    CHECK(steps(store) == recorded);
    CHECK(bookings(store) == booked);
    CHECK(standing(store) == stands);
}

TEST_CASE("an event that changes nothing leaves no record") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    place(store, "1");
    cancel(store, "1");
    runner.catch_up();
    auto const recorded = steps(store);
    place(store, "1");
    cancel(store, "1");
    runner.catch_up();
    CHECK(steps(store) == recorded);
    CHECK(runner.counts().unchanged == 2);
    CHECK(store.load_cursor("order", "orders") == store.head("orders")); // nor is it read again
}

namespace {

struct is_large {
    constexpr bool operator()(payments::payment_received const& event) const { return event.cents >= 100; }
};
struct watch {
    struct idle;
    struct seen;
    using transitions = converge::transitions<
        converge::row<idle, converge::if_<payments::payment_received, is_large>, seen>,
        converge::stay<idle, converge::unless<payments::payment_received, is_large>>,
        converge::stay<seen, payments::payment_received>>;
};
struct watching_process {
    using home = orders::module;
    using reads = converge::reads<payments::module>;
    using machines = converge::machines<watch>;
    using effects = converge::effects<converge::effect<converge::when<>, greet>>;
    static auto correlate(auto const& event) { return event.order; }
};

} // namespace

TEST_CASE("an instance begins with its first event, also one that changes nothing") {
    converge::memory_store store;
    auto runner = converge::make_runner<watching_process>(store, bookkeeper{});
    pay(store, "1", 5);
    runner.catch_up();
    CHECK(bookings(store) == std::vector<std::string>{"1: greet"});
    pay(store, "1", 5);
    pay(store, "1", 500);
    runner.catch_up();
    CHECK(bookings(store) == std::vector<std::string>{"1: greet"});
    CHECK(converge::read_instance<watching_process>(store, "1")->version == 2);
}

TEST_CASE("a cache smaller than the number of instances is only slower") {
    batch_store store;
    batch_store reference;
    for (int round = 0; round < 3; ++round)
        for (std::int64_t number = 0; number < 40; ++number)
            for (auto* each : {&store, &reference}) {
                if (round == 0)
                    place(*each, std::to_string(number));
                else
                    pay(*each, std::to_string(number), 30 * number);
            }
    converge::make_runner<order_process>(store, bookkeeper{}, {.batch_size = 7, .cached_instances = 2})
        .catch_up();
    converge::make_runner<order_process>(reference, bookkeeper{}).catch_up();
    CHECK(standing(store) == standing(reference));
    CHECK(bookings(store).size() == bookings(reference).size());
    // An instance is seldom in two batches that follow each other. One look-up is for the declaration.
    CHECK(store.looked_up > 100);
    CHECK(reference.looked_up == 41);
}

TEST_CASE("the instance that was used last stays in the cache") {
    batch_store store;
    auto runner =
        converge::make_runner<order_process>(store, bookkeeper{}, {.batch_size = 1, .cached_instances = 2});
    for (auto const* order : {"1", "2", "1", "3", "1", "4", "1"}) {
        pay(store, order, 5);
        runner.catch_up();
    }
    CHECK(store.looked_up == 5);
}

TEST_CASE("a runner stops when it is asked to, and sees what comes while it runs") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, {.poll_interval = 1ms});
    std::jthread const working{[&](std::stop_token const& stop) { runner.run(stop); }};
    place(store, "1");
    while (bookings(store).empty())
        std::this_thread::sleep_for(1ms);
    CHECK(bookings(store) == std::vector<std::string>{"1: greet"});
}

TEST_CASE("a second runner on a store that can lock is refused") {
    converge::memory_store store;
    {
        auto const runner = converge::make_runner<order_process>(store, bookkeeper{});
        CHECK_THROWS_WITH_AS(
            (void)converge::make_runner<order_process>(store, bookkeeper{}),
            "another runner of process manager 'order' is at work on this memory store",
            converge::store_error);
    }
    CHECK_NOTHROW((void)converge::make_runner<order_process>(store, bookkeeper{}));
}

TEST_CASE("of two runners on a store without locks the slower one begins again") {
    bare_store store;
    auto const settings = converge::runner_options{};
    auto slow = converge::make_runner<order_process>(store, bookkeeper{}, settings);
    bare_store other;
    other.inner = store.inner;
    place(store, "1");
    slow.catch_up();
    // The slow one has read a cancellation and is about to record it. The fast one records a payment, which
    // the slow one has not seen, and dies before it comes to the cancellation.
    cancel(store, "1");
    bool overtaken = false;
    store.before_write = [&] {
        if (std::exchange(overtaken, true))
            return;
        pay(other.inner, "1", 150);
        bare_store dying;
        dying.inner = other.inner;
        dying.before_read = [](std::string_view module) {
            if (module == "orders")
                throw std::runtime_error{"dies"};
        };
        auto fast = converge::make_runner<order_process>(dying, bookkeeper{}, settings);
        CHECK_THROWS_AS(fast.catch_up(), std::runtime_error);
    };
    slow.catch_up();
    CHECK(slow.counts().conflicts == 1);
    CHECK(standing(store.inner).at("1") == "placed paid cancelled 150 0");
    CHECK(
        bookings(store.inner) ==
        std::vector<std::string>{"1: greet", "1: ship", "1: recall", "1: refund 150"});
    CHECK(steps(store.inner) == 3);
}

TEST_CASE("two runners at once on a store without locks leave one set of steps") {
    bare_store one;
    for (int number = 0; number < 200; ++number) {
        auto const key = std::to_string(number % 20);
        switch (number / 20 % 4) {
        case 0:
            place(one, key);
            break;
        case 1:
            pay(one, key, 60);
            break;
        case 2:
            if (number % 3 == 0)
                cancel(one, key);
            break;
        default:
            pay(one, key, 70);
        }
    }
    converge::memory_store reference;
    for (auto const* module : {"orders", "payments"})
        one.read(module, 0, ~std::size_t{0}, module, [&](converge::event_view const& event) {
            converge::new_event const copy{
                event.id, std::string{event.name}, false, std::string{event.payload}};
            reference.append({module, event.stream, converge::expected_version::any(), {&copy, 1}}).value();
        });
    converge::make_runner<order_process>(reference, bookkeeper{}).catch_up();
    bare_store other;
    other.inner = one.inner;
    auto const work = [](bare_store& store) {
        auto runner = converge::make_runner<order_process>(store, bookkeeper{}, {.batch_size = 3});
        runner.catch_up();
    };
    {
        std::jthread const first{[&] { work(one); }};
        std::jthread const second{[&] { work(other); }};
    }
    work(one);
    CHECK(standing(one.inner) == standing(reference));
    CHECK(steps(one.inner) <= 200);
}
