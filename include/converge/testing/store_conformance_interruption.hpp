// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_concurrency.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <string>
#include <thread>
#include <vector>

// G1, G2 and G6 when the store goes away in the middle of an append, and comes back.
namespace converge::testing::detail {

template <class Fixture>
concept can_be_interrupted = requires(Fixture& fixture) { fixture.interrupt(); };

/// Calls until the store is there again.
template <class Call> auto until_available(Call call) -> decltype(call()) {
    using namespace std::chrono_literals;
    auto const end = std::chrono::steady_clock::now() + 60s;
    for (;;) {
        try {
            return call();
        } catch (store_error const& error) {
            if (error.trouble() != store_trouble::unavailable || std::chrono::steady_clock::now() > end)
                throw;
        }
        std::this_thread::sleep_for(10ms);
    }
}

template <class Fixture> void interrupt_often(Fixture& fixture, std::atomic<bool>& enough) {
    using namespace std::chrono_literals;
    struct set_at_end {
        std::atomic<bool>* flag;
        ~set_at_end() { *flag = true; } // also when it throws
    } const at_end{&enough};
    constexpr std::size_t interruptions = 3;
    for (std::size_t each = 0; each < interruptions; ++each) {
        std::this_thread::sleep_for(150ms);
        fixture.interrupt();
    }
    std::this_thread::sleep_for(150ms);
}

/// Writers go on through several interruptions, and readers follow them: nothing that was acknowledged is
/// lost, nothing is doubled, also where nobody knows whether the append that was interrupted got through.
template <class Fixture> void goes_away_and_comes_back(Fixture& fixture, concurrency_options const& options) {
    std::vector<std::size_t> acknowledged(options.writers);
    std::atomic<std::size_t> writing{options.writers};
    std::atomic<bool> enough{false};
    std::vector<std::vector<recorded_event>> seen(options.readers);
    {
        [[maybe_unused]] auto const created = fixture.open();
    }
    struct one_less {
        std::atomic<std::size_t>* count;
        ~one_less() { --*count; }
    };
    auto const write = [&](std::size_t writer) {
        one_less const at_end{&writing}; // also when it throws
        auto store = until_available([&] { return fixture.open(); });
        auto const stream = "writer " + std::to_string(writer);
        // On a busy machine the interruptions may be over before a writer has written.
        for (std::size_t number = 0; !enough || number == 0; number += 3) {
            std::vector<new_event> events;
            for (std::size_t each = 0; each < 3; ++each)
                events.push_back(event_of_writer(writer, number + each));
            auto const done = until_available(
                [&] { return append(store, "orders", stream, expected_version::exactly(number), events); });
            CHECK(done.value().version == number + 3);
            acknowledged[writer] = number + 3;
        }
    };
    auto const follow_on = [&](std::vector<recorded_event>& events) {
        auto store = until_available([&] { return fixture.open(); });
        position at = 0;
        for (auto last = false; !last;) {
            last = writing == 0;
            auto const head = until_available([&] { return store.head("orders"); });
            // What was visited before it broke off is not visited again.
            at = until_available([&] {
                return store.read("orders", at, 50, "orders", [&](event_view const& each) {
                    events.emplace_back(each);
                    at = each.position;
                });
            });
            last = last && at >= head;
        }
    };
    auto working = std::async(std::launch::async, [&] {
        in_threads(options.writers + options.readers, [&](std::size_t number) {
            number < options.writers ? write(number) : follow_on(seen[number - options.writers]);
        });
    });
    // Here, not in a thread that ends: a server may be bound to the life of the thread that starts it.
    interrupt_often(fixture, enough);
    working.get();
    std::size_t total = 0;
    for (auto const each : acknowledged)
        total += each;
    auto store = fixture.open();
    check_whole(all_of(store, "orders"), total);
    for (auto const& events : seen)
        CHECK(ids_of(events) == ids_of(all_of(store, "orders")));
}

/// Writers count up records, each its own, through several interruptions: what was acknowledged is there,
/// what was not is there or is not, and nobody is told that another was faster where there is none.
template <class Fixture> void records_survive(Fixture& fixture, concurrency_options const& options) {
    std::atomic<bool> enough{false};
    std::vector<std::size_t> written(options.writers);
    {
        [[maybe_unused]] auto const created = fixture.open();
    }
    auto const count_up = [&](std::size_t writer) {
        auto store = until_available([&] { return fixture.open(); });
        auto const name = "count " + std::to_string(writer);
        record_revision revision = 0;
        bool may_arrive = false; // the last write, about which nobody knew
        for (std::size_t number = 1; !enough || written[writer] == 0; ++number) {
            auto const value = std::to_string(number);
            auto const trouble = trouble_of_call([&] {
                auto next = store.write_record(name, revision, value);
                if (!next && may_arrive)
                    if (auto const late = store.find_record(name); late && late->value == value)
                        next = late->revision;
                may_arrive = false;
                CHECK_MESSAGE(next.has_value(), "nobody else writes record ", name);
                CHECK(next.value_or(0) > revision);
                revision = next.value_or(0);
                written[writer] = number;
            });
            if (!trouble)
                continue;
            CHECK(*trouble == store_trouble::unavailable);
            auto const found = until_available([&] { return store.find_record(name); });
            auto const got_through = found && found->value == value;
            if (got_through) {
                CHECK(found->revision > revision);
                revision = found->revision;
                written[writer] = number;
            } else {
                CHECK((found ? found->revision : 0) == revision); // it is as it was
                --number;
                may_arrive = true;
            }
        }
    };
    auto working = std::async(std::launch::async, [&] { in_threads(options.writers, count_up); });
    interrupt_often(fixture, enough);
    working.get();
    auto store = fixture.open();
    for (std::size_t writer = 0; writer < options.writers; ++writer) {
        auto const found = store.find_record("count " + std::to_string(writer));
        CHECK((found && found->value == std::to_string(written[writer])));
    }
}

} // namespace converge::testing::detail
