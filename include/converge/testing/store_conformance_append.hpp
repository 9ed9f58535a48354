// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_fixture.hpp>

// G1 and G2.
namespace converge::testing::detail {

template <class Open> void expected_versions(Open open) {
    auto store = open();
    auto const none = expected_version::none();
    auto const refused = [&](expected_version expected, stream_version actual) {
        auto const before = ids_of(all_of(store, "orders"));
        auto const head = store.head("orders");
        auto const result = append(store, "orders", "one", expected, {event_of(100)});
        REQUIRE(!result.has_value());
        CHECK(result.error().request == 0);
        CHECK(result.error().actual == actual);
        CHECK(ids_of(all_of(store, "orders")) == before);
        CHECK(store.head("orders") == head);
    };
    refused(expected_version::exactly(1), 0);
    CHECK(append(store, "orders", "one", none, {event_of(1)}).value().version == 1);
    refused(none, 1);
    refused(expected_version::exactly(2), 1);
    CHECK(append(store, "orders", "one", expected_version::exactly(1), {event_of(2)}).value().version == 2);
    refused(expected_version::exactly(1), 2);
    CHECK(append(store, "orders", "one", expected_version::any(), {event_of(3)}).value().version == 3);
    CHECK(append(store, "orders", "two", expected_version::exactly(0), {event_of(4)}).value().version == 1);
    CHECK(append(store, "orders", "three", expected_version::any(), {event_of(5)}).value().version == 1);
    CHECK(
        append(store, "bills", "one", none, {event_of(6)}).value().version == 1); // streams of modules differ
}

template <class Open> void several_events_at_once(Open open) {
    auto store = open();
    append(store, "orders", "other", expected_version::none(), {event_of(50)}).value();
    auto const given = events_of(1, 5);
    auto const done = append(store, "orders", "one", expected_version::none(), given).value();
    auto const stored = read_stream(store, "orders", "one", 0, no_limit, "orders");
    REQUIRE(stored.size() == 5);
    for (std::size_t each = 0; each < 5; ++each) {
        check_stored(stored[each], "one", given[each]);
        CHECK(stored[each].version == each + 1);
        CHECK((each == 0 || stored[each].position > stored[each - 1].position));
    }
    CHECK(done.first == stored.front().position);
    CHECK(done.last == stored.back().position);
    CHECK(done.version == 5);
    CHECK(!done.repeated);
    CHECK(stored.front().recorded_at > timestamp{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}});
}

template <class Open> void repeated_appends(Open open) {
    auto store = open();
    auto const given = events_of(1, 3);
    auto const first = append(store, "orders", "one", expected_version::none(), given).value();
    append(store, "orders", "one", expected_version::any(), {event_of(4)}).value();
    auto const head = store.head("orders");
    auto const repeats = [&](std::string_view stream, expected_version expected) {
        auto const again = append(store, "orders", stream, expected, given).value();
        CHECK(again.repeated);
        CHECK(again.first == first.first);
        CHECK(again.last == first.last);
        CHECK(again.version == first.version);
    };
    repeats("one", expected_version::any());
    repeats("one", expected_version::none());      // whatever the version
    repeats("one", expected_version::exactly(77)); // also one that never was
    repeats("two", expected_version::any());       // an id is the module's, not the stream's
    repeats("two", expected_version::none());
    auto const shorter = append(store, "orders", "one", expected_version::none(), {event_of(1)}).value();
    CHECK(shorter.repeated);
    CHECK(shorter.first == first.first);
    CHECK(shorter.last == first.first);
    CHECK(shorter.version == 1);
    auto const longer = append(store, "orders", "one", expected_version::any(), events_of(3, 8)).value();
    CHECK(longer.repeated);
    CHECK(longer.first == first.last);
    CHECK(longer.version == 3);
    CHECK(store.head("orders") == head);
    CHECK(all_of(store, "orders").size() == 4);
    CHECK(read_stream(store, "orders", "two", 0, no_limit, "orders").empty());
    CHECK(!append(store, "bills", "one", expected_version::none(), given).value().repeated);
    CHECK(append(store, "orders", "two", expected_version::none(), {event_of(5)}).value().version == 1);
}

template <class Open> void ids_that_contradict(Open open) {
    auto store = open();
    append(store, "orders", "one", expected_version::none(), {event_of(1)}).value();
    auto const head = store.head("orders");
    auto const refused = [&](expected_version expected, std::vector<new_event> const& events) {
        for (auto const stream : {"one", "two"})
            CHECK(trouble_of_call([&] {
                      (void)append(store, "orders", stream, expected, events);
                  }) == store_trouble::invalid_argument);
        CHECK(store.head("orders") == head);
        CHECK(all_of(store, "orders").size() == 1);
        CHECK(read_stream(store, "orders", "two", 0, no_limit, "orders").empty());
    };
    refused(expected_version::any(), {event_of(2), event_of(1)}); // only a later id is there
    refused(expected_version::any(), {event_of(2), event_of(3), event_of(1), event_of(4)});
    refused(expected_version::exactly(7), {event_of(2), event_of(1)}); // ids come before versions
    refused(expected_version::any(), {event_of(2), event_of(2)});      // one id twice
    CHECK(append(store, "orders", "one", expected_version::exactly(1), {event_of(2)}).value().version == 2);
    CHECK(append(store, "orders", "two", expected_version::none(), {event_of(3)}).value().version == 1);
}

} // namespace converge::testing::detail
