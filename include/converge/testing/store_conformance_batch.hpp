// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_fixture.hpp>

#include <array>
#include <span>

// Cursors, batches and the right to run.
namespace converge::testing::detail {

template <class Open> void cursors_of_readers(Open open) {
    auto store = open();
    CHECK(store.load_cursor("process", "orders") == 0);
    store.save_cursors(std::span<cursor const>{});
    std::array<cursor, 4> const given{
        {{"process", "orders", 7},
         {"process", "bills", 8},
         {"other", "orders", 9},
         {"orders", "process", 10}}};
    store.save_cursors(given);
    for (auto const& each : given)
        CHECK(store.load_cursor(each.reader, each.module) == each.position);
    CHECK(store.load_cursor("other", "bills") == 0);
    CHECK(store.load_cursor("processorders", "") == 0); // names do not run together
    std::array<cursor, 2> const moved{{{"process", "orders", 3}, {"process", "bills", position{1} << 62U}}};
    store.save_cursors(moved); // back, and far on
    CHECK(store.load_cursor("process", "orders") == 3);
    CHECK(store.load_cursor("process", "bills") == position{1} << 62U);
    CHECK(store.load_cursor("other", "orders") == 9);
    auto second = open();
    CHECK(second.load_cursor("process", "orders") == 3);
}

template <class Open> void batches(Open open) {
    auto store = open();
    auto const first = events_of(1, 2);
    auto const second = events_of(3, 3);
    std::array<append_request, 4> const requests{{
        {"orders", "one", expected_version::none(), first},
        {"bills", "one", expected_version::none(), second},
        {"orders", "one", expected_version::exactly(2), second}, // sees what the batch has written
        {"orders", "two", expected_version::none(), first},      // a repeat, of the same batch even
    }};
    std::array<cursor, 1> const cursors{{{"process", "orders", 42}}};
    auto const done = store.commit({.appends = requests, .cursors = cursors}).value();
    REQUIRE(done.size() == 4);
    CHECK(done[0].version == 2);
    CHECK(done[1].version == 3);
    CHECK(done[2].version == 5);
    CHECK(done[2].first > done[0].last);
    CHECK(done[3].repeated);
    CHECK(done[3].first == done[0].first);
    CHECK(!done[0].repeated);
    CHECK(store.head("orders") == done[2].last);
    CHECK(store.head("bills") == done[1].last);
    CHECK(store.load_cursor("process", "orders") == 42);
    CHECK(read_stream(store, "orders", "one", 0, no_limit, "orders").size() == 5);
    CHECK(store.commit({}).value().empty());
    auto const again = store.commit({.appends = requests, .cursors = {}}).value();
    for (std::size_t each = 0; each < 4; ++each) {
        CHECK(again[each].repeated);
        CHECK(again[each].first == done[each].first);
    }
}

template <class Open> void refused_batches(Open open) {
    auto store = open();
    append(store, "orders", "one", expected_version::none(), {event_of(1)}).value();
    auto const head = store.head("orders");
    auto const good = events_of(10, 2);
    auto const more = events_of(20, 2);
    std::vector<new_event> const contradicting{event_of(30), event_of(1)};
    std::array<cursor, 1> const cursors{{{"process", "orders", 42}}};
    auto const untouched = [&] {
        CHECK(store.head("orders") == head);
        CHECK(store.head("bills") == 0);
        CHECK(all_of(store, "orders").size() == 1);
        CHECK(all_of(store, "bills").empty());
        CHECK(store.load_cursor("process", "orders") == 0);
    };
    std::array<append_request, 3> requests{{
        {"orders", "two", expected_version::none(), good},
        {"bills", "one", expected_version::none(), good},
        {"orders", "one", expected_version::none(), more},
    }};
    auto const refused = store.commit({.appends = requests, .cursors = cursors});
    REQUIRE(!refused.has_value());
    CHECK(refused.error().request == 2);
    CHECK(refused.error().actual == 1);
    CHECK_THROWS_AS((void)refused.value(), wrong_version_error);
    untouched();
    auto const refused_with = [&](append_request const& third) {
        requests[2] = third;
        CHECK(trouble_of_call([&] {
                  (void)store.commit({.appends = requests, .cursors = cursors});
              }) == store_trouble::invalid_argument);
        untouched();
    };
    refused_with({"orders", "one", expected_version::any(), contradicting});
    refused_with({"orders", "", expected_version::any(), more});
    refused_with({"orders", "one", expected_version::any(), {}});
    std::array<cursor, 2> const bad_cursors{{{"process", "orders", 42}, {"", "orders", 43}}};
    CHECK(trouble_of_call([&] {
              (void)store.commit({.appends = std::span{requests}.first(2), .cursors = bad_cursors});
          }) == store_trouble::invalid_argument);
    untouched();
    // Nothing of the refused ones is in the way.
    requests[2] = {"orders", "one", expected_version::exactly(1), more};
    auto const done = store.commit({.appends = requests, .cursors = cursors}).value();
    CHECK(!done[0].repeated);
    CHECK(done[0].version == 2);
    CHECK(done[0].first > head);
    CHECK(done[2].version == 3);
    CHECK(store.load_cursor("process", "orders") == 42);
}

template <class Open> void one_runner_at_a_time(Open open) {
    auto store = open();
    auto other = open();
    auto const in_use = [&](std::string_view process) {
        return trouble_of_call([&] { (void)other.lock_runner(process); }) == store_trouble::in_use;
    };
    std::string const long_name(255, 'x');
    for (std::string const& name : {std::string{"order"}, std::string{"a/b \"c\" ü%"}, long_name}) {
        CAPTURE(name);
        CHECK(!in_use(name)); // taken, and given back at once
        {
            auto held = store.lock_runner(name);
            CHECK(in_use(name));
            CHECK(!in_use(name.substr(1) + "y")); // another process manager
            auto const moved = std::move(held);
            CHECK(in_use(name));
        }
        CHECK(!in_use(name));
    }
    CHECK(trouble_of_call([&] { (void)store.lock_runner(""); }) == store_trouble::invalid_argument);
}

} // namespace converge::testing::detail
