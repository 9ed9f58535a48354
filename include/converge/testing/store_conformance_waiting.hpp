// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <stop_token>
#include <thread>

// Readers that sleep until something is appended.
namespace converge::testing::detail {

template <class Open> void readers_that_wait(Open open) {
    using namespace std::chrono_literals;
    auto store = open();
    auto const seen_up_to = [](position orders) {
        return std::array<cursor, 2>{{{"reader", "bills", 0}, {"reader", "orders", orders}}};
    };
    CHECK(!store.wait_for_events(seen_up_to(0), 0ms, {}));
    auto const first = append(store, "orders", "one", expected_version::any(), {event_of(1)}).value().last;
    CHECK(store.wait_for_events(seen_up_to(0), 1h, {}));       // it is there already
    CHECK(!store.wait_for_events(seen_up_to(first), 5ms, {})); // and is not news for ever
    auto const late = [&](auto work) {
        return std::thread{[&open, work] {
            auto other = open();
            std::this_thread::sleep_for(20ms);
            work(other);
        }};
    };
    for (auto const* const module : {"orders", "bills"}) {
        CAPTURE(module);
        auto writer = late([&](auto& other) {
            append(other, module, "two", expected_version::any(), {internal_event_of(2)}).value();
        });
        auto const begin = std::chrono::steady_clock::now();
        CHECK(store.wait_for_events(seen_up_to(first), 30s, {}));
        CHECK(std::chrono::steady_clock::now() - begin < 20s);
        writer.join();
    }
    auto const all = std::array<cursor, 2>{
        {{"reader", "bills", store.head("bills")}, {"reader", "orders", store.head("orders")}}};
    auto elsewhere = late(
        [](auto& other) { append(other, "parcels", "one", expected_version::any(), {event_of(1)}).value(); });
    CHECK(!store.wait_for_events(all, 50ms, {})); // that is of nobody's concern here
    elsewhere.join();
    std::stop_source source;
    auto stopper = late([&](auto&) { source.request_stop(); });
    auto const begin = std::chrono::steady_clock::now();
    CHECK(!store.wait_for_events(all, 1h, source.get_token()));
    CHECK(std::chrono::steady_clock::now() - begin < 20s);
    stopper.join();
}

} // namespace converge::testing::detail
