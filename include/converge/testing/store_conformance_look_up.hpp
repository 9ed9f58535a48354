// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_fixture.hpp>
#include <converge/testing/store_conformance_values.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The last events of many streams in one call.
namespace converge::testing::detail {

/// Together they are what each is alone.
template <class Store>
void check_looked_up_together(
    Store& store, std::string_view module, std::vector<std::string_view> const& streams,
    std::string_view viewer) {
    auto const together = store.last_of_streams(module, streams, viewer);
    REQUIRE(together.size() == streams.size());
    for (std::size_t each = 0; each < streams.size(); ++each) {
        CAPTURE(streams[each]);
        auto const alone = store.last_of_stream(module, streams[each], viewer);
        REQUIRE(together[each].has_value() == alone.has_value());
        if (!alone)
            continue;
        CHECK(together[each]->stream == streams[each]);
        CHECK(together[each]->position == alone->position);
        CHECK(together[each]->version == alone->version);
        CHECK(together[each]->id == alone->id);
        CHECK(together[each]->name == alone->name);
        CHECK(together[each]->internal == alone->internal);
        CHECK(together[each]->payload == alone->payload);
        CHECK(together[each]->recorded_at == alone->recorded_at);
    }
}

template <class Open> void last_events_of_many_streams(Open open) {
    auto store = open();
    auto other = open();
    CHECK(store.last_of_streams("orders", {}, "orders").empty());
    append(store, "orders", "seen", expected_version::none(), events_of(1, 3)).value();
    append(store, "orders", "half", expected_version::none(), {event_of(4), internal_event_of(5)}).value();
    append(store, "orders", "hidden", expected_version::none(), {internal_event_of(6)}).value();
    append(store, "bills", "seen", expected_version::none(), {event_of(7)}).value();
    append(store, "bills", "bill", expected_version::none(), {event_of(8)}).value();
    std::vector<std::string_view> const streams{"seen", "nobody", "half", "hidden", "bill", "seen", ""};
    for (auto const* const module : {"orders", "bills", "nobody"})
        for (auto const* const viewer : {"orders", "bills", "nobody"}) {
            CAPTURE(module);
            CAPTURE(viewer);
            check_looked_up_together(store, module, streams, viewer);
        }
    // What another handle has written, this one sees as soon as the call has returned.
    append(other, "orders", "seen", expected_version::exactly(3), {event_of(9)}).value();
    append(other, "orders", "nobody", expected_version::none(), {event_of(10)}).value();
    auto const after = store.last_of_streams("orders", streams, "orders");
    CHECK(after[0].value().version == 4);
    CHECK(after[1].value().version == 1);
    CHECK(after[5].value().version == 4);
    CHECK(store.last_of_streams("orders", {}, "orders").empty());
}

template <class Open> void many_streams_with_awkward_names(Open open) {
    auto store = open();
    auto names = awkward_names();
    for (std::size_t number = 0; number < 2'000; ++number)
        names.push_back("stream-" + std::to_string(number));
    for (std::size_t each = 0; each < names.size(); each += 2) // the others are not there
        append(store, "orders", names[each], expected_version::none(), {event_of(each)}).value();
    std::vector<std::string_view> const streams(names.rbegin(), names.rend());
    auto const found = store.last_of_streams("orders", streams, "orders");
    REQUIRE(found.size() == names.size());
    for (std::size_t each = 0; each < names.size(); ++each) {
        CAPTURE(names[each]);
        auto const& mine = found[names.size() - 1 - each];
        REQUIRE(mine.has_value() == (each % 2 == 0));
        if (mine)
            check_stored(*mine, names[each], event_of(each));
    }
}

} // namespace converge::testing::detail
