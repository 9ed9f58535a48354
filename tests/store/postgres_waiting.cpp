// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <servers.hpp>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace converge::testing::detail;
using namespace std::chrono_literals;
using converge::postgres_store;
using clock_type = std::chrono::steady_clock;

auto const any = converge::expected_version::any();

std::array<converge::cursor, 2> seen_up_to(converge::position at) {
    return {{{"reader", "bills", 1'000'000}, {"reader", "orders", at}}};
}

} // namespace

TEST_CASE("an idle reader wakes within 50 ms of an append, and asks nothing meanwhile") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store writer{server.uri()};
    // It must not be its own looks that wake it.
    postgres_store reader{server.uri(), {.poll_interval = 1h}};
    append(writer, "orders", "one", any, {event_of(0)}).value();
    CHECK(reader.wait_for_events(seen_up_to(0), 10s)); // already there
    constexpr std::size_t rounds = 40;
    std::vector<clock_type::duration> delays;
    for (std::size_t round = 1; round <= rounds; ++round) {
        clock_type::time_point written;
        std::thread late{[&] {
            std::this_thread::sleep_for(5ms);
            append(writer, "orders", "one", any, {event_of(round)}).value();
            written = clock_type::now();
        }};
        auto const woken = reader.wait_for_events(seen_up_to(round), 10s);
        auto const now = clock_type::now();
        late.join();
        CHECK(woken);
        CHECK(reader.head("orders") == round + 1);
        delays.push_back(now - written); // may be less than nothing: the notification overtakes the answer
    }
    std::ranges::sort(delays);
    auto const median = std::chrono::duration<double, std::milli>(delays[rounds / 2]).count();
    auto const longest = std::chrono::duration<double, std::milli>(delays.back()).count();
    MESSAGE("wake-up: median ", median, " ms, longest ", longest, " ms");
    CHECK(median < 50);
}

TEST_CASE("no wait misses an append, whenever it comes, and writers notify only those who wait") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store reader{server.uri(), {.poll_interval = 1h}};
    constexpr std::size_t rounds = 600;
    std::atomic<std::size_t> asked{0};
    std::jthread const writing{[&](std::stop_token const& stop) {
        postgres_store writer{server.uri()};
        for (std::size_t round = 0; round < rounds; ++round) {
            while (asked < round && !stop.stop_requested())
                std::this_thread::yield();
            std::this_thread::sleep_for(std::chrono::microseconds{round * 7 % 400});
            append(writer, "orders", "one", any, events_of(2 * round, 1 + round % 2)).value();
        }
    }};
    converge::position seen = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        asked = round;
        REQUIRE(reader.wait_for_events(seen_up_to(seen), 20s));
        seen = reader.head("orders");
    }

    // A writer that found nobody waiting, and commits when somebody does.
    converge::detail::postgres_connection slow{server.uri()};
    slow.execute(
        "BEGIN; SELECT converge.append_one('orders', 'one', -1, gen_random_uuid(), 'e', false, '')",
        "append");
    auto woken =
        std::async(std::launch::async, [&] { return reader.wait_for_events(seen_up_to(seen), 20s); });
    std::this_thread::sleep_for(50ms);
    slow.execute("COMMIT", "commit");
    CHECK(woken.wait_for(10s) == std::future_status::ready); // it did not just look when its time was over
    CHECK(woken.get());

    // One that listens without the sign hears of events only when somebody else has it.
    converge::detail::postgres_connection listener{server.uri()};
    listener.execute("LISTEN \"converge converge\"", "listen");
    postgres_store writer{server.uri()};
    auto const is_told_of = [&](std::size_t first, std::size_t number) {
        append(writer, "orders", "one", any, events_of(first, number)).value();
        (void)writer.head("orders"); // the notification is on its way before
        listener.execute("SELECT 1", "ask");
        std::unique_ptr<PGnotify, decltype(&PQfreemem)> const told{PQnotifies(listener.get()), &PQfreemem};
        return told != nullptr;
    };
    CHECK(!is_told_of(10'000, 1));
    CHECK(!is_told_of(20'000, 2));
    converge::detail::postgres_connection waiting{server.uri()};
    auto const sign =
        std::string{"pg_try_advisory_lock_shared(hashtextextended('converge waits \"converge\" orders', 0))"};
    waiting.execute("SELECT " + sign, "say that one waits");
    CHECK(is_told_of(30'000, 1));
    CHECK(is_told_of(40'000, 2));
    waiting.execute("SELECT pg_advisory_unlock_all()", "wait no longer");
    CHECK(!is_told_of(50'000, 1));
    // Nor does a wait that fails leave its sign behind.
    waiting.execute("ALTER TABLE converge.module RENAME TO hidden", "hide the modules");
    CHECK_THROWS_AS(reader.wait_for_events(seen_up_to(0), 20s), converge::store_error);
    waiting.execute("ALTER TABLE converge.hidden RENAME TO module", "show the modules");
    (void)reader.head("orders"); // its session has done what it was told to
    CHECK(!is_told_of(60'000, 1));
    CHECK(!is_told_of(70'000, 2));
}

TEST_CASE("a wait ends with its time, with a stop, and not for another module") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri()};
    postgres_store other{server.uri()};
    append(store, "orders", "one", any, {event_of(1)}).value();
    auto const begin = clock_type::now();
    std::thread elsewhere{[&] { append(other, "parcels", "one", any, {event_of(1)}).value(); }};
    CHECK(!store.wait_for_events(seen_up_to(1), 200ms));
    elsewhere.join();
    CHECK(clock_type::now() - begin >= 200ms);
    CHECK(!store.wait_for_events({}, 1ms));
    CHECK(!store.wait_for_events(seen_up_to(1), 0ms));

    std::stop_source source;
    std::thread stopper{[&] {
        std::this_thread::sleep_for(20ms);
        source.request_stop();
    }};
    auto const waiting = clock_type::now();
    CHECK(!store.wait_for_events(seen_up_to(1), 1h, source.get_token()));
    CHECK(clock_type::now() - waiting < 10s);
    stopper.join();
    CHECK(!store.wait_for_events(seen_up_to(0), 1h, source.get_token())); // stopped already
}

TEST_CASE("who writes without notifying is found at the next look") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store quiet{server.uri(), {.notify = false}};
    postgres_store reader{server.uri(), {.poll_interval = 20ms}};
    std::thread late{[&] {
        std::this_thread::sleep_for(30ms);
        append(quiet, "orders", "one", any, {event_of(1)}).value();
    }};
    CHECK(reader.wait_for_events(seen_up_to(0), 20s));
    late.join();
}

TEST_CASE("a reader that waits survives a restart of the server, and is woken after it") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    postgres_store writer{server.uri()};
    postgres_store reader{server.uri(), {.poll_interval = 1h}};
    std::atomic<bool> woken{false};
    std::thread waiting{[&] { woken = reader.wait_for_events(seen_up_to(0), 60s); }};
    std::this_thread::sleep_for(50ms);
    server.restart(SIGQUIT);
    std::this_thread::sleep_for(300ms); // so that it listens again
    CHECK(!woken);
    append(writer, "orders", "one", any, {event_of(1)}).value();
    waiting.join();
    CHECK(woken);
}
