// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

// What a store has been asked to read before changes nothing of what it then gives.
namespace converge::testing::detail {

/// The answers of two handles, of which one may have been asked before.
inline void check_same(reading const& one, reading const& other) {
    CHECK(one.through == other.through);
    REQUIRE(one.events.size() == other.events.size());
    for (std::size_t each = 0; each < one.events.size(); ++each) {
        CHECK(one.events[each].position == other.events[each].position);
        CHECK(one.events[each].stream == other.events[each].stream);
        CHECK(one.events[each].version == other.events[each].version);
        CHECK(one.events[each].id == other.events[each].id);
        CHECK(one.events[each].payload == other.events[each].payload);
        CHECK(one.events[each].recorded_at == other.events[each].recorded_at);
    }
}

template <class Open> void prefetched_events(Open open) {
    auto store = open();
    auto other = open();
    store.prefetch("orders", 0, 5, "orders"); // nothing is there yet
    append(other, "orders", "one", expected_version::none(), events_of(1, 3)).value();
    CHECK(read(store, "orders", 0, 5, "orders").events.size() == 3);
    store.prefetch("orders", 0, 5, "orders"); // three of five
    append(store, "orders", "one", expected_version::exactly(3), {event_of(4), internal_event_of(5)}).value();
    append(other, "orders", "one", expected_version::exactly(5), {event_of(6)}).value();
    check_same(read(store, "orders", 0, 5, "orders"), read(other, "orders", 0, 5, "orders"));
    store.prefetch("orders", 0, 5, "bills"); // another viewer's
    CHECK(read(store, "orders", 0, 5, "orders").events.size() == 5);
    CHECK(read(store, "orders", 0, 5, "bills").events.size() == 5); // all but the internal one
    store.prefetch("orders", 0, 5, "orders");
    store.prefetch("bills", 0, 5, "orders");
    check_same(read(store, "orders", 0, 5, "orders"), read(other, "orders", 0, 5, "orders"));
    store.prefetch("no name for a module \x01", 0, 5, "orders");
    CHECK(all_of(store, "orders").size() == 6);
}

template <class Open> void visitors_that_throw_at_prefetched_events(Open open) {
    auto store = open();
    append(store, "orders", "one", expected_version::none(), events_of(1, 5)).value();
    for (stream_version at = 1; at <= 5; ++at) {
        store.prefetch("orders", 0, 5, "orders");
        auto const thrower = [&](event_view const& view) {
            if (view.version == at)
                throw 3; // anything may be thrown
        };
        CHECK_THROWS_AS(store.read("orders", 0, 5, "orders", thrower), int);
        CHECK(all_of(store, "orders").size() == 5);
    }
    CHECK(append(store, "orders", "one", expected_version::exactly(5), {event_of(6)}).value().version == 6);
}

/// Appends, hints and reads in random order: the handle that gets the hints says what the other one says.
template <class Open> void prefetched_at_random(Open open) {
    auto store = open();
    auto other = open();
    std::mt19937 random{20'261'130};
    auto const below = [&](std::uint32_t bound) { return static_cast<std::size_t>(random() % bound); };
    std::string_view const modules[] = {"orders", "bills"};
    std::uint64_t number = 0;
    for (int round = 0; round < 1'500; ++round) {
        auto const module = modules[below(2)];
        if (below(3) == 0) {
            auto& writer = below(2) == 0 ? store : other;
            ++number;
            auto const event = below(2) == 0 ? event_of(number) : internal_event_of(number);
            append(writer, module, "stream " + std::to_string(below(5)), expected_version::any(), {event})
                .value();
        }
        auto const viewer = modules[below(2)];
        auto const after = static_cast<position>(below(static_cast<std::uint32_t>(number) + 2));
        auto const limit = below(8);
        store.prefetch(module, after, limit, viewer);
        if (below(4) == 0)
            continue; // never asked for
        auto const asked_after = below(8) == 0 ? after + 1 : after;
        check_same(
            read(store, module, asked_after, limit, viewer), read(other, module, asked_after, limit, viewer));
    }
}

} // namespace converge::testing::detail
