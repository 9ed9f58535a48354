// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <run/died.hpp>
#include <run/order.hpp>
#include <set>

using namespace std::chrono_literals;

// Deadlines in the log: what a restart reads, what crashes and clocks that jump can do.
namespace {

using converge::json_codec;
using converge::timestamp;

/// Counts what is read of the log and of single streams.
class counting_store : public batch_store {
public:
    mutable std::size_t events_read = 0;
    mutable std::size_t streams_read = 0;

    template <class Visitor>
    converge::position read(
        std::string_view module, converge::position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        return inner.read(module, after, limit, viewer, [&](converge::event_view const& event) {
            ++events_read;
            visit(event);
        });
    }
    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, converge::stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        ++streams_read;
        inner.read_stream(module, stream, after, limit, viewer, [&](converge::event_view const& event) {
            ++events_read;
            visit(event);
        });
    }
};

/// The deadlines of the order process alone.
template <class Store> struct worker_alone {
    using context_type = converge::detail::runner_context<converge::no_observer>;
    context_type context;
    std::optional<converge::detail::deadline_worker<order_process, Store, json_codec, context_type>> worker;

    worker_alone(
        Store& store, converge::runner_options options, std::uint32_t partitions = 1,
        std::vector<std::uint32_t> const& mine = {0})
        : context{std::move(options), {}} {
        context.partitions = converge::detail::share{partitions};
        worker.emplace(store, json_codec{}, context);
        for (auto const each : mine) {
            context.partitions.take(each);
            worker->take(each);
        }
    }
    void rest() {
        while (worker->work()) {
        }
    }
};

std::multiset<std::string> orders_timed_out(auto& store) {
    std::multiset<std::string> all;
    store.read("payments", 0, ~std::size_t{0}, "payments", [&](converge::event_view const& event) {
        if (event.name == "payment_timed_out")
            all.emplace(event.stream);
    });
    return all;
}

template <class Store>
void record_orders(Store& store, int orders, converge::runner_options const& options = {}) {
    for (int number = 0; number < orders; ++number)
        place(store, std::to_string(number));
    converge::make_runner<order_process>(store, bookkeeper{}, options).catch_up();
}

constexpr auto shows_each_once = [](auto const& fired, std::size_t orders) {
    return fired.size() == orders && std::set<std::string>(fired.begin(), fired.end()).size() == orders;
};

} // namespace

TEST_CASE("a restart reads the deadlines that are due soon, and no others") {
    counting_store store;
    auto now = real_now();
    converge::runner_options const options{.batch_size = 8, .now = [&] { return now; }};
    record_orders(store, 400, options);
    store.events_read = store.streams_read = 0;
    worker_alone first{store, options};
    first.rest();
    CHECK(first.worker->in_memory() == 0);
    CHECK(store.events_read < 10); // the numbers of the buckets
    now += 14min;
    worker_alone later{store, options};
    later.rest();
    CHECK(later.worker->in_memory() == 400); // due in a minute, and read in pages of 16 records of 8
    CHECK(orders_timed_out(store).empty());
    first.rest();
    CHECK(first.worker->in_memory() == 400); // time alone brings them as well
    now += 2min;
    later.rest();
    CHECK(later.worker->in_memory() == 0);
    CHECK(shows_each_once(orders_timed_out(store), 400));
    first.rest();
    CHECK(later.context.counts.deadlines == 400);
    CHECK(first.context.counts.deadlines == 0); // it was not the first
    CHECK(shows_each_once(orders_timed_out(store), 400));
}

TEST_CASE("years without a deadline are passed over by blocks of three days") {
    counting_store store;
    auto now = real_now();
    converge::runner_options const options{.now = [&] { return now; }};
    record_orders(store, 3, options);
    now += 24h * 365 * 5;
    store.events_read = store.streams_read = 0;
    worker_alone worker{store, options};
    worker.rest();
    CHECK(shows_each_once(orders_timed_out(store), 3));
    MESSAGE("five years: " << store.streams_read << " streams looked at");
    CHECK(store.streams_read < 600);
    CHECK(store.events_read < 60);
}

TEST_CASE("what is cancelled is looked at when it is due, and does not fire") {
    batch_store store;
    auto now = real_now();
    converge::runner_options const options{.now = [&] { return now; }};
    record_orders(store, 20, options);
    for (int number = 0; number < 15; ++number)
        pay(store, std::to_string(number), 1);
    converge::make_runner<order_process>(store, bookkeeper{}, options).catch_up();
    now += 1h;
    store.looked_up = 0;
    converge::make_runner<order_process>(store, bookkeeper{}, options).catch_up();
    CHECK(orders_timed_out(store) == std::multiset<std::string>{"15", "16", "17", "18", "19"});
}

TEST_CASE("a death at any write fires each deadline once, more at a time than a batch holds too") {
    auto const check = [&]<class Store>(std::type_identity<Store>, bool after_the_write, bool same_goes_on) {
        for (std::size_t survived = 0;; ++survived) {
            CAPTURE(survived);
            Store store;
            auto now = real_now();
            converge::runner_options const options{.batch_size = 7, .now = [&] { return now; }};
            for (int number = 0; number < 30; ++number)
                place(store, std::to_string(number));
            std::size_t writes = 0;
            auto const die = [&] {
                if (writes++ == survived)
                    throw died{};
            };
            (after_the_write ? store.after_write : store.before_write) = die;
            bool died_now = false;
            auto const run = [&] {
                try {
                    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, options);
                    try {
                        runner.catch_up();
                    } catch (died const&) {
                        died_now = true;
                        if (same_goes_on)
                            runner.catch_up();
                    }
                } catch (died const&) {
                    died_now = true;
                }
            };
            run();
            CHECK(orders_timed_out(store.inner).empty());
            now += 1h;
            run();
            run();
            CHECK(shows_each_once(orders_timed_out(store.inner), 30));
            if (!died_now)
                return survived;
        }
    };
    for (bool const after : {false, true})
        for (bool const same : {false, true}) {
            CHECK(check(std::type_identity<batch_store>{}, after, same) > 15);
            CHECK(check(std::type_identity<bare_store>{}, after, same) > 100);
        }
}

TEST_CASE("a deadline and what cancels it may race at any write: the order ends in one place") {
    auto const check = []<class Store>(std::type_identity<Store>) {
        std::size_t fired = 0;
        std::size_t cancelled = 0;
        for (std::size_t paid_at = 0; paid_at < 12; ++paid_at)
            for (std::size_t survived = 0; survived < 14; ++survived) {
                CAPTURE(paid_at);
                CAPTURE(survived);
                Store store;
                auto now = real_now();
                converge::runner_options const options{.now = [&] { return now; }};
                record_orders(store, 1, options);
                now += 1h;
                std::size_t writes = 0;
                store.before_write = [&] {
                    if (writes == paid_at)
                        pay(store.inner, "0", 120);
                    if (writes++ == survived)
                        throw died{};
                };
                try {
                    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, options);
                    runner.catch_up();
                } catch (died const&) {
                    CHECK(writes == survived + 1);
                }
                store.before_write = [] {};
                if (writes <= paid_at)
                    pay(store, "0", 120);
                converge::make_runner<order_process>(store, bookkeeper{}, options).catch_up();
                CHECK(standing(store.inner).at("0") == "placed paid open 120 0");
                CHECK(orders_timed_out(store.inner).size() <= 1);
                CHECK(bookings(store.inner) == std::vector<std::string>{"0: greet", "0: ship"});
                ++(orders_timed_out(store.inner).empty() ? cancelled : fired);
            }
        CHECK(fired > 0);
        CHECK(cancelled > 0);
    };
    check(std::type_identity<batch_store>{});
    check(std::type_identity<bare_store>{});
}

namespace {

/// Fails when a deadline fires before its time.
struct never_early {
    void operator()(converge::deadline_fired const& fired) const {
        CHECK(fired.due <= fired.at);
        CHECK(fired.event == "payment_timed_out");
    }
};

/// Orders come, the clock jumps back and forward, runners end and begin; at last it is late.
template <class Store> void check_jumping_clock(std::uint32_t seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    Store store;
    auto const begin = real_now();
    auto now = begin;
    auto const longest = std::array<std::chrono::seconds, 3>{20min, 48h, 24h * 400}[random() % 3];
    converge::runner_options const options{.batch_size = 1 + random() % 9, .now = [&] { return now; }};
    auto const make = [&] {
        return converge::make_runner<order_process>(
            store, bookkeeper{}, options, json_codec{}, never_early{});
    };
    std::optional<decltype(make())> runner;
    int orders = 0;
    for (int turn = 0; turn < 60; ++turn) {
        auto const choice = random() % 8;
        if (choice < 2)
            place(store, std::to_string(orders++));
        else if (choice < 4)
            now = begin - longest / 2 +
                  std::chrono::seconds{random() % static_cast<std::uint32_t>(longest.count())};
        else if (choice == 4)
            runner.reset();
        if (!runner)
            runner.emplace(make());
        if (random() % 4 == 0)
            runner->catch_up();
        else
            (void)runner->work();
        for (auto const& order : orders_timed_out(store.inner))
            CHECK(orders_timed_out(store.inner).count(order) == 1);
    }
    now = begin + 1h;
    runner.reset();
    runner.emplace(make());
    runner->catch_up();
    CHECK(shows_each_once(orders_timed_out(store.inner), static_cast<std::size_t>(orders)));
}

} // namespace

TEST_CASE("a clock that jumps back and forward loses no deadline and fires none early") {
    for (std::uint32_t seed = 0; seed < 120; ++seed) {
        check_jumping_clock<batch_store>(seed);
        check_jumping_clock<bare_store>(seed);
    }
}

TEST_CASE("a look-up that does not show the step of a deadline yet does not cancel it") {
    class lagging_store : public batch_store {
    public:
        bool lags = false;
        auto last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
            if (lags && stream == "converge/order/1")
                return std::optional<converge::recorded_event>{};
            return inner.last_of_stream(module, stream, viewer);
        }
    };
    lagging_store store;
    auto now = real_now();
    converge::runner_options const options{.now = [&] { return now; }};
    record_orders(store, 3, options);
    now += 1h;
    worker_alone worker{store, options};
    store.lags = true;
    worker.rest();
    CHECK(orders_timed_out(store) == std::multiset<std::string>{"0", "2"});
    worker_alone again{store, options}; // nor is it forgotten
    again.rest();
    store.lags = false;
    again.rest();
    CHECK(shows_each_once(orders_timed_out(store), 3));
    worker.rest();
    CHECK(shows_each_once(orders_timed_out(store), 3));
}

TEST_CASE("a database whose cursor of deadlines waits before the oldest that is pending is gone on with") {
    // As it was written before there was a wheel: steps, and the cursor. The deadline was made by a step
    // before the last one.
    auto const now = real_now();
    for (bool const lost : {false, true}) {
        CAPTURE(lost);
        converge::memory_store store;
        converge::position last = 0;
        for (int number = 0; number < 40; ++number) {
            auto const key = std::to_string(number);
            converge::instance_state<order_process> state;
            state.states[0] = 1;
            if (number != 7) {
                state.deadlines.push_back(
                    {1, converge::random_event_id(), now - 1min * number, R"({"order":")" + key + R"("})"});
            }
            for (int version = 0; version < 2; ++version) {
                state.handled[0] = static_cast<converge::position>(version) + 1;
                converge::new_event const step{
                    converge::random_event_id(), std::string{converge::step_event_name}, true,
                    converge::detail::encode_step<order_process>(
                        state, {"order_placed", "orders", 1, {}, {}})};
                last = store
                           .append(
                               {"orders",
                                converge::detail::step_stream<order_process>(key),
                                converge::expected_version::exactly(static_cast<std::uint64_t>(version)),
                                {&step, 1}})
                           .value()
                           .last;
            }
        }
        std::vector<converge::cursor> const cursors{{"order.deadlines", "orders", lost ? 0U : 1U}};
        store.save_cursors(cursors);
        auto runner = converge::make_runner<order_process>(
            store, bookkeeper{}, {.batch_size = 10, .now = [&] { return now; }});
        runner.catch_up();
        auto const fired = orders_timed_out(store);
        CHECK(shows_each_once(fired, 39));
        CHECK_FALSE(fired.contains("7"));
        CHECK(last == 80);
    }
}

TEST_CASE("how far a worker has come is one number, and is told from it") {
    using converge::detail::decode_progress;
    using converge::detail::encode_progress;
    constexpr auto round = converge::position{1} << converge::detail::deadline_position_bits;
    for (converge::position const read :
         {converge::position{0}, converge::position{1}, round - 1, round, round + 1, 5 * round - 3})
        for (converge::position const behind : {converge::position{0}, converge::position{1}, round / 4}) {
            converge::detail::deadline_progress const reached{read, 26'333'713};
            CHECK(encode_progress(reached) <= converge::maximum_position);
            CHECK(decode_progress(encode_progress(reached), read + behind) == reached);
        }
    CHECK(encode_progress({round - 1, converge::detail::last_deadline_bucket}) <= converge::maximum_position);
}

TEST_CASE("each worker fires the deadlines of its partitions, and those it takes over") {
    batch_store store;
    auto now = real_now();
    converge::runner_options const options{.now = [&] { return now; }};
    record_orders(store, 40, options);
    auto const partition = [](std::string const& key) { return converge::partition_of(key, 3); };
    worker_alone one{store, options, 3, {0, 2}};
    worker_alone other{store, options, 3, {1}};
    one.rest();
    other.rest();
    CHECK(store.load_cursor("order.deadlines#0/3", "orders") > 0);
    CHECK(store.load_cursor("order.deadlines#1/3", "orders") > 0);
    now += 16min;
    other.rest();
    auto fired = orders_timed_out(store);
    CHECK_FALSE(fired.empty());
    CHECK(std::ranges::all_of(fired, [&](auto const& key) { return partition(key) == 1; }));
    one.context.partitions.give_up(2);
    one.worker->give_up(2);
    one.rest();
    fired = orders_timed_out(store);
    CHECK(std::ranges::none_of(fired, [&](auto const& key) { return partition(key) == 2; }));
    CHECK(fired.size() > 15);
    other.context.partitions.take(2);
    other.worker->take(2);
    other.rest();
    CHECK(shows_each_once(orders_timed_out(store), 40));
}
