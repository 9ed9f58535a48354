// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_fixture.hpp>

#include <algorithm>
#include <array>

// G3 to G5, with one thread.
namespace converge::testing::detail {

template <class Open> void positions_of_modules(Open open) {
    auto store = open();
    CHECK(store.head("orders") == 0);
    std::array<std::string, 3> const modules{"orders", "bills", "parcels"};
    std::array<position, 3> last{};
    for (std::uint64_t number = 0; number < 60; number += 2) {
        auto const which = static_cast<std::size_t>(number / 2 % 3);
        auto const stream = "stream " + std::to_string(number % 8);
        auto const done =
            append(store, modules[which], stream, expected_version::any(), events_of(number, 2)).value();
        CHECK(done.first > last[which]);
        CHECK(done.last > done.first);
        last[which] = done.last;
        CHECK(store.head(modules[which]) == done.last);
    }
    for (std::size_t which = 0; which < 3; ++which) {
        auto const events = all_of(store, modules[which]);
        REQUIRE(events.size() == 20);
        CHECK(events.front().position >= 1);
        CHECK(events.back().position == last[which]);
        CHECK(std::ranges::is_sorted(events, std::ranges::less_equal{}, &recorded_event::position));
    }
    CHECK(store.head("nobody") == 0);
}

/// Fourteen events in two streams, some of them internal, also several in a row and at the end.
template <class Store> void write_mixed_events(Store& store, std::string_view module) {
    std::string_view const pattern = "piippiiipppiii";
    for (std::uint64_t at = 0; at < pattern.size(); ++at)
        append(
            store, module, at % 3 == 0 ? "one" : "two", expected_version::any(),
            {pattern[at] == 'i' ? internal_event_of(at) : event_of(at)})
            .value();
}

/// One read is right when it gives the events it must, and goes no further than it may.
template <class Store>
void check_reading(
    Store& store, std::vector<recorded_event> const& all, position after, std::size_t limit,
    std::string_view viewer) {
    auto const got = read(store, "orders", after, limit, viewer);
    std::vector<event_id> expected;
    std::optional<position> next_seen; // the first visible event that is past the limit
    for (auto const& each : all) {
        if (each.position <= after || (each.internal && viewer != "orders"))
            continue;
        if (expected.size() == limit) {
            next_seen = each.position;
            break;
        }
        expected.push_back(each.id);
    }
    CHECK(ids_of(got.events) == expected);
    CHECK(got.through >= after);
    CHECK((!next_seen || got.through < *next_seen));
    CHECK((got.events.empty() || got.through >= got.events.back().position));
    CHECK((expected.size() == limit || got.through >= all.back().position));
    CHECK(got.through <= std::max(after, all.back().position));
}

template <class Open> void every_limit_from_every_position(Open open) {
    auto store = open();
    write_mixed_events(store, "orders");
    write_mixed_events(store, "bills");
    auto const all = all_of(store, "orders");
    REQUIRE(all.size() == 14);
    std::vector<position> starts{0, all.back().position + 5, ~position{0}};
    for (auto const& each : all)
        starts.push_back(each.position);
    for (auto const* viewer : {"orders", "bills"})
        for (auto const after : starts)
            for (std::size_t limit = 0; limit <= 16; ++limit) {
                CAPTURE(viewer);
                CAPTURE(after);
                CAPTURE(limit);
                check_reading(store, all, after, limit == 16 ? no_limit : limit, viewer);
            }
    CHECK(read(store, "nobody", 0, 5, "nobody").events.empty());
    CHECK(read(store, "nobody", 7, 5, "nobody").through == 7);
}

template <class Open> void only_invisible_events(Open open) {
    auto store = open();
    for (std::uint64_t number = 0; number < 10; ++number)
        append(store, "orders", "one", expected_version::any(), {internal_event_of(number)}).value();
    auto const got = read(store, "orders", 0, 3, "bills");
    CHECK(got.events.empty());
    CHECK(got.through >= store.head("orders"));
    append(store, "orders", "one", expected_version::any(), {event_of(10)}).value();
    CHECK(ids_of(read(store, "orders", got.through, 3, "bills").events) == std::vector{id_of(10)});
}

template <class Open> void viewers_of_streams(Open open) {
    auto store = open();
    write_mixed_events(store, "orders");
    append(store, "orders", "kept", expected_version::any(), {internal_event_of(90), internal_event_of(91)})
        .value();
    for (auto const* stream : {"one", "two", "kept", "nobody"})
        for (auto const* viewer : {"orders", "bills"}) {
            CAPTURE(stream);
            CAPTURE(viewer);
            auto const whole = read_stream(store, "orders", stream, 0, no_limit, "orders");
            std::vector<recorded_event> seen;
            std::ranges::copy_if(whole, std::back_inserter(seen), [&](recorded_event const& each) {
                return !each.internal || std::string_view{viewer} == "orders";
            });
            auto const last = store.last_of_stream("orders", stream, viewer);
            CHECK(last.has_value() == !seen.empty());
            if (last && !seen.empty()) {
                CHECK(last->id == seen.back().id);
                CHECK(last->version == seen.back().version);
                CHECK(last->position == seen.back().position);
                CHECK(last->payload == seen.back().payload);
                CHECK(last->stream == stream);
            }
            for (stream_version after = 0; after <= whole.size() + 1; ++after)
                for (std::size_t limit = 0; limit <= whole.size() + 1; ++limit) {
                    std::vector<event_id> expected;
                    for (auto const& each : seen)
                        if (each.version > after && expected.size() < limit)
                            expected.push_back(each.id);
                    CHECK(ids_of(read_stream(store, "orders", stream, after, limit, viewer)) == expected);
                }
            CHECK(read_stream(store, "orders", stream, ~stream_version{0}, no_limit, viewer).empty());
        }
    CHECK(read_stream(store, "nobody", "one", 0, no_limit, "nobody").empty());
    CHECK(!store.last_of_stream("nobody", "one", "nobody").has_value());
}

template <class Open> void visitors_that_throw(Open open) {
    auto store = open();
    append(store, "orders", "one", expected_version::none(), events_of(1, 5)).value();
    auto const thrower = [](event_view const& view) {
        if (view.version == 3)
            throw 3; // anything may be thrown
    };
    CHECK_THROWS_AS(store.read("orders", 0, 10, "orders", thrower), int);
    CHECK_THROWS_AS(store.read_stream("orders", "one", 0, 10, "orders", thrower), int);
    CHECK(all_of(store, "orders").size() == 5);
    CHECK(append(store, "orders", "one", expected_version::exactly(5), {event_of(6)}).value().version == 6);
}

/// What one handle has written, another one sees as soon as the call has returned.
template <class Open> void two_handles(Open open) {
    auto one = open();
    auto other = open();
    for (std::uint64_t number = 1; number <= 6; ++number) {
        auto& writer = number % 2 == 0 ? one : other;
        auto& reader = number % 2 == 0 ? other : one;
        append(writer, "orders", "one", expected_version::exactly(number - 1), {event_of(number)}).value();
        CHECK(all_of(reader, "orders").size() == number);
        CHECK(reader.last_of_stream("orders", "one", "orders").value().version == number);
        CHECK(reader.head("orders") == writer.head("orders"));
        CHECK(append(reader, "orders", "one", expected_version::any(), {event_of(number)}).value().repeated);
    }
}

} // namespace converge::testing::detail
