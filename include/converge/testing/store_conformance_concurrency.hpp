// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace converge::testing {

/// How hard the concurrent tests work.
struct concurrency_options {
    std::size_t writers = 4;
    std::size_t readers = 2;
    std::size_t events = 100; ///< of each writer
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

/// Appends a writer's events one by one, and between them some that are refused: those leave nothing behind
/// but perhaps a gap.
template <class Store> void write_events(Store& store, std::size_t writer, std::size_t count) {
    auto const stream = "writer " + std::to_string(writer);
    for (std::size_t number = 0; number < count; ++number) {
        if (number % 7 == 3)
            (void)append(
                store, "orders", stream, expected_version::exactly(number + 5),
                {event_of_writer(writer, count + number)});
        append(store, "orders", stream, expected_version::exactly(number), {event_of_writer(writer, number)})
            .value();
    }
}

/// Readers that follow while writers write miss nothing, repeat nothing, see each writer's events in its
/// order, and all see one order.
template <class Open> void readers_follow_writers(Open open, concurrency_options const& options) {
    {
        [[maybe_unused]] auto const created = open();
    }
    auto const total = options.writers * options.events;
    std::atomic<bool> failed{false};
    std::vector<std::vector<recorded_event>> seen(options.readers);
    auto const follow = [&](std::size_t reader) {
        auto store = open();
        position at = 0;
        while (seen[reader].size() < total && !failed)
            at = store.read("orders", at, 1 + reader * 10, "orders", [&](event_view const& each) {
                seen[reader].emplace_back(each);
            });
    };
    in_threads(options.writers + options.readers, [&](std::size_t number) {
        try {
            if (number >= options.writers)
                return follow(number - options.writers);
            auto store = open();
            write_events(store, number, options.events);
        } catch (...) {
            failed = true;
            throw;
        }
    });
    for (auto const& events : seen) {
        REQUIRE(events.size() == total);
        std::map<std::string, stream_version> next;
        for (auto const& each : events)
            CHECK(each.version == ++next[each.stream]);
        CHECK(std::ranges::is_sorted(events, std::ranges::less_equal{}, &recorded_event::position));
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
