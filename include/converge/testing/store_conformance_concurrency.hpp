// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_promises.hpp>

#include <atomic>
#include <cstddef>
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

/// G3, G5: readers that follow while writers write, roll back and batch miss nothing, repeat nothing, and see
/// each writer's events in its order.
template <class MakeFixture>
void test_readers_follow_writers(MakeFixture make_fixture, concurrency_options const& options) {
    auto fixture = make_fixture();
    {
        auto const created = fixture.open();
    }
    auto const total = options.writers * options.events;
    std::atomic<bool> failed{false};
    std::vector<std::vector<std::string>> seen(options.readers);

    auto const write = [&](std::size_t writer) {
        auto store = fixture.open();
        auto const stream = "writer " + std::to_string(writer);
        for (std::size_t number = 0; number < options.events; ++number) {
            auto const event = event_of(stream + ": " + std::to_string(number));
            if (number % 7 == 3) // refused: leaves nothing behind but perhaps a gap
                (void)append_one(
                    store, "m", stream, event_of(stream + " refused"), expected_version::exactly(number + 5));
            (void)append_one(store, "m", stream, event, expected_version::exactly(number)).value();
        }
    };
    auto const follow = [&](std::size_t reader) {
        auto store = fixture.open();
        position at = 0;
        while (seen[reader].size() < total && !failed)
            at = store.read("m", at, 1 + reader * 10, "m", [&](event_view const& each) {
                seen[reader].emplace_back(each.payload);
            });
    };
    in_threads(options.writers + options.readers, [&](std::size_t number) {
        try {
            number < options.writers ? write(number) : follow(number - options.writers);
        } catch (...) {
            failed = true;
            throw;
        }
    });
    for (auto const& events : seen) {
        REQUIRE(events.size() == total);
        std::map<std::string, std::size_t> next;
        for (auto const& each : events) {
            auto const colon = each.find(": ");
            CHECK(each.substr(colon + 2) == std::to_string(next[each.substr(0, colon)]++));
        }
        CHECK(events == seen.front()); // one order for all
    }
}

/// G1: of several appends that expect the same version, one is done.
template <class MakeFixture>
void test_one_winner(MakeFixture make_fixture, concurrency_options const& options) {
    auto fixture = make_fixture();
    {
        auto const created = fixture.open();
    }
    constexpr std::size_t rounds = 20;
    std::vector<std::atomic<int>> winners(rounds);
    in_threads(options.writers, [&](std::size_t writer) {
        auto store = fixture.open();
        for (std::size_t round = 0; round < rounds; ++round) {
            auto const event = event_of(std::to_string(writer) + " in " + std::to_string(round));
            if (append_one(store, "m", "contended", event, expected_version::exactly(round)))
                ++winners[round];
            while (!store.last_of_stream("m", "contended", "m") ||
                   store.last_of_stream("m", "contended", "m")->version <= round) {
            }
        }
    });
    for (auto const& each : winners)
        CHECK(each == 1);
}

} // namespace converge::testing
