// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace converge::testing {

/// How hard the concurrent tests work.
struct concurrency_options {
    std::size_t writers = 8;
    std::size_t readers = 4;
    std::size_t events = 12'500;        ///< of each writer
    std::size_t largest_append = 16;    ///< events in one append, at most
    std::size_t held_transactions = 20; ///< of each writer, where the fixture can hold transactions open
    std::size_t record_writes = 50;     ///< of each writer to one record
};

// G1, G3 and G5, with several threads, each with a store object of its own.
namespace detail {

/// Runs a function in several threads and passes on what one of them throws.
template <class Work> void in_threads(std::size_t count, Work work) {
    std::vector<std::thread> threads;
    std::mutex guard;
    std::exception_ptr thrown;
    for (std::size_t number = 0; number < count; ++number)
        threads.emplace_back([&, number] {
            try {
                work(number);
            } catch (...) {
                std::scoped_lock const lock{guard};
                thrown = std::current_exception();
            }
        });
    for (auto& each : threads)
        each.join();
    if (thrown)
        std::rethrow_exception(thrown);
}

/// The event with the number `number` of one of up to 2^32 writers.
inline new_event event_of_writer(std::size_t writer, std::size_t number) {
    return event_of((std::uint64_t{writer} << 32U) + number);
}

/// A fixture that can hold a transaction open: what `begin()` gives takes appends, which may wait for other
/// transactions, and ends with `commit()` or `roll_back()`, or unfinished.
template <class Fixture>
concept holds_transactions = requires(Fixture& fixture, append_request const& request) {
    fixture.begin().append(request);
    fixture.begin().commit();
    fixture.begin().roll_back();
};

/// Appends a writer's events, a varying number at a time. Between them come appends that are refused, and,
/// where the fixture can, transactions that are left open for a while, every other one to be rolled back:
/// those leave nothing behind but perhaps a gap.
template <class Fixture>
void write_events(Fixture& fixture, std::size_t writer, concurrency_options const& options) {
    auto store = fixture.open();
    auto const stream = "writer " + std::to_string(writer);
    auto const hold_each = std::max<std::size_t>(
        1, options.events / (options.largest_append / 2 + 1) / (options.held_transactions + 1));
    std::size_t turn = 0;
    for (std::size_t number = 0; number < options.events; ++turn) {
        std::vector<new_event> events;
        for (auto const count = 1 + (turn * 5 + writer) % options.largest_append;
             events.size() < count && number + events.size() < options.events;)
            events.push_back(event_of_writer(writer, number + events.size()));
        if (turn % 7 == 3)
            CHECK(!append(store, "orders", stream, expected_version::exactly(number + 5), events));
        auto committed = false;
        if constexpr (holds_transactions<Fixture>) {
            if (turn % hold_each == hold_each - 1) {
                auto held = fixture.begin();
                held.append({"orders", stream, expected_version::exactly(number), events});
                std::this_thread::sleep_for(std::chrono::milliseconds{2});
                committed = turn / hold_each % 2 == 0;
                committed ? held.commit() : held.roll_back();
            }
        }
        if (!committed)
            CHECK(
                !append(store, "orders", stream, expected_version::exactly(number), events).value().repeated);
        number += events.size();
    }
}

/// Follows a module from its beginning until `total` events have come, or the others have failed.
template <class Store>
std::vector<recorded_event>
follow(Store& store, std::size_t reader, std::size_t total, std::atomic<bool> const& failed) {
    std::array<std::size_t, 4> const limits{64, no_limit, 17, 500};
    auto const is_slow = reader % 4 == 3;
    std::vector<recorded_event> seen;
    position at = 0;
    while (seen.size() < total && !failed)
        at = store.read("orders", at, limits[reader % limits.size()], "orders", [&](event_view const& each) {
            seen.emplace_back(each);
            if (is_slow && seen.size() % 500 == 0)
                std::this_thread::sleep_for(std::chrono::milliseconds{2});
        });
    return seen;
}

/// Whether the events are whole: each writer's in its order, none missing, none twice.
inline void check_whole(std::vector<recorded_event> const& events, std::size_t total) {
    REQUIRE(events.size() == total);
    std::map<std::string, stream_version> next;
    auto in_order = true;
    for (auto const& each : events)
        in_order &= each.version == ++next[each.stream];
    CHECK(in_order);
    CHECK(std::ranges::is_sorted(events, std::ranges::less_equal{}, &recorded_event::position));
    std::set<event_id> ids;
    for (auto const& each : events)
        ids.insert(each.id);
    CHECK(ids.size() == total);
}

/// Readers that follow while writers write miss nothing, repeat nothing, see each writer's events in its
/// order, and all see one order.
template <class Fixture> void readers_follow_writers(Fixture& fixture, concurrency_options const& options) {
    {
        [[maybe_unused]] auto const created = fixture.open();
    }
    auto const total = options.writers * options.events;
    std::atomic<bool> failed{false};
    std::vector<std::vector<recorded_event>> seen(options.readers);
    in_threads(options.writers + options.readers, [&](std::size_t number) {
        try {
            if (number < options.writers)
                return write_events(fixture, number, options);
            auto store = fixture.open();
            seen[number - options.writers] = follow(store, number - options.writers, total, failed);
        } catch (...) {
            failed = true;
            throw;
        }
    });
    for (auto const& events : seen) {
        check_whole(events, total);
        CHECK(ids_of(events) == ids_of(seen.front()));
    }
}

/// Of several appends that expect the same version, one is done.
template <class Open> void one_winner(Open open, concurrency_options const& options) {
    {
        [[maybe_unused]] auto const created = open();
    }
    constexpr std::size_t rounds = 20;
    std::vector<std::atomic<int>> winners(rounds);
    in_threads(options.writers, [&](std::size_t writer) {
        auto store = open();
        for (std::size_t round = 0; round < rounds; ++round) {
            // Whoever loses has been overtaken, so the next round's version is there for all.
            if (append(
                    store, "orders", "contended", expected_version::exactly(round),
                    {event_of_writer(writer, round)}))
                ++winners[round];
        }
    });
    for (auto const& each : winners)
        CHECK(each == 1);
}

} // namespace detail
} // namespace converge::testing
