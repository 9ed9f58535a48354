// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/store/concepts.hpp>
#include <converge/store/validation.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The promises of the store contract, one function each. See store_conformance.hpp.
namespace converge::testing {

/// An event with an id made of its text.
inline new_event event_of(std::string_view text, bool internal = false) {
    return {name_based_id(std::string_view{"conformance"}, text), "happened", internal, std::string{text}};
}

/// Everything a viewer can read of a module after a position, and the position through which it has read.
template <event_log Store>
std::pair<std::vector<recorded_event>, position> read_all(
    Store& store, std::string_view module, std::string_view viewer, position after = 0,
    std::size_t limit = ~std::size_t{0}) {
    std::vector<recorded_event> events;
    auto const through =
        store.read(module, after, limit, viewer, [&](event_view const& each) { events.emplace_back(each); });
    return {std::move(events), through};
}

template <event_log Store>
append_result append_one(
    Store& store, std::string_view module, std::string_view stream, new_event const& event,
    expected_version expected = expected_version::any()) {
    return store.append({module, stream, expected, {&event, 1}});
}

/// G1: expected versions, several events at once, positions of modules.
template <class MakeFixture> void test_appends(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    auto const first = append_one(store, "m", "s", event_of("1"), expected_version::none());
    REQUIRE(first.has_value());
    CHECK(first->first >= 1);
    CHECK(first->first == first->last);
    CHECK(first->version == 1);
    CHECK_FALSE(first->repeated);

    for (auto const& refused :
         {append_one(store, "m", "s", event_of("x"), expected_version::none()),
          append_one(store, "m", "s", event_of("x"), expected_version::exactly(2)),
          append_one(store, "m", "s", event_of("x"), expected_version::exactly(0))}) {
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().actual == 1);
    }
    CHECK(read_all(store, "m", "m").first.size() == 1);

    std::vector<new_event> const three{event_of("2"), event_of("3"), event_of("4")};
    auto const more = store.append({"m", "s", expected_version::exactly(1), three});
    REQUIRE(more.has_value());
    CHECK(more->version == 4);
    CHECK(more->first > first->last);
    CHECK(more->last > more->first);
    CHECK(store.head("m") == more->last);

    REQUIRE(append_one(store, "other", "s", event_of("1"), expected_version::none()).has_value());
    CHECK(store.head("m") == more->last);
    CHECK(store.head("nobody wrote here") == 0);
    auto again = fixture.open();
    CHECK(read_all(again, "m", "m").first.size() == 4); // what was acknowledged is there for others
}

/// G2: an id that is there already makes the append a no-op.
template <class MakeFixture> void test_repeated_appends(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    std::vector<new_event> const two{event_of("a"), event_of("b")};
    auto const first = store.append({"m", "s", expected_version::none(), two});
    REQUIRE(first.has_value());
    REQUIRE(append_one(store, "m", "s", event_of("c")).has_value());
    auto const again = store.append(
        {"m", "s", expected_version::none(), two}); // the version is wrong by now, and does not matter
    REQUIRE(again.has_value());
    CHECK(again->repeated);
    CHECK(again->first == first->first);
    CHECK(again->last == first->last);
    CHECK(again->version == 2);
    CHECK(read_all(store, "m", "m").first.size() == 3);
    // The same id in another module is another event.
    CHECK_FALSE(append_one(store, "n", "s", event_of("a"))->repeated);
    // A request that is new in part is refused whole.
    std::vector<new_event> const mixed{event_of("d"), event_of("a")};
    CHECK_THROWS_AS((void)store.append({"m", "s", expected_version::any(), mixed}), store_error);
    CHECK(read_all(store, "m", "m").first.size() == 3);
    REQUIRE(append_one(store, "m", "s", event_of("d"), expected_version::exactly(3)).has_value());
}

/// Several appends and cursors at once: all or nothing.
template <class MakeFixture> void test_batches(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    if constexpr (atomic_batch_log<decltype(store)>) {
        std::vector<new_event> const events{event_of("1"), event_of("2"), event_of("3")};
        std::vector<append_request> requests{
            {"m", "s", expected_version::none(), {&events[0], 1}},
            {"m", "s", expected_version::exactly(1), {&events[1], 1}}, // sees the one before
            {"n", "t", expected_version::none(), {&events[2], 1}}};
        cursor const moved{"reader", "m", 7};
        auto const done = store.commit({requests, {&moved, 1}});
        REQUIRE(done.has_value());
        REQUIRE(done->size() == 3);
        CHECK((*done)[1].version == 2);
        CHECK((*done)[1].first > (*done)[0].first);
        auto again = fixture.open();
        if constexpr (cursor_store<decltype(store)>)
            CHECK(again.load_cursor("reader", "m") == 7);

        std::vector<new_event> const late{event_of("4"), event_of("5")};
        std::vector<append_request> const refused{
            {"m", "s", expected_version::exactly(2), {&late[0], 1}},
            {"n", "t", expected_version::none(), {&late[1], 1}}};
        cursor const too_far{"reader", "m", 9};
        auto const result = store.commit({refused, {&too_far, 1}});
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().request == 1);
        CHECK(result.error().actual == 1);
        CHECK(read_all(store, "m", "m").first.size() == 2);
        if constexpr (cursor_store<decltype(store)>)
            CHECK(store.load_cursor("reader", "m") == 7);
        REQUIRE(store.commit({requests, {}}).has_value()); // a repeat
        CHECK(read_all(store, "m", "m").first.size() == 2);
        REQUIRE(store.commit({{}, {}}).has_value());
    }
}

/// G3, G5: every limit, from every position.
template <class MakeFixture> void test_reading(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    CHECK(read_all(store, "m", "m").second == 0);
    for (int number = 0; number < 9; ++number)
        REQUIRE(append_one(
                    store, "m", number % 2 == 0 ? "even" : "odd", event_of(std::to_string(number)),
                    expected_version::any())
                    .has_value());
    auto const all = read_all(store, "m", "m").first;
    REQUIRE(all.size() == 9);
    for (std::size_t at = 0; at < all.size(); ++at) {
        CHECK(all[at].payload == std::to_string(at));
        CHECK(all[at].stream == (at % 2 == 0 ? "even" : "odd"));
        CHECK(all[at].version == at / 2 + 1);
        CHECK(all[at].id == event_of(std::to_string(at)).id);
        CHECK(all[at].name == "happened");
        CHECK(all[at].recorded_at.time_since_epoch().count() > 0);
        if (at > 0)
            CHECK(all[at].position > all[at - 1].position);
    }
    for (position after = 0; after <= store.head("m") + 1; ++after)
        for (std::size_t limit = 0; limit <= 10; ++limit) {
            auto const [some, through] = read_all(store, "m", "m", after, limit);
            auto const first =
                std::ranges::find_if(all, [&](auto const& each) { return each.position > after; });
            auto const expected = std::min<std::size_t>(limit, static_cast<std::size_t>(all.end() - first));
            REQUIRE(some.size() == expected);
            for (std::size_t at = 0; at < expected; ++at)
                CHECK(some[at].id == (first + static_cast<std::ptrdiff_t>(at))->id);
            CHECK(through >= after);
            if (expected > 0)
                CHECK(through >= some.back().position);
            if (expected == limit && expected > 0)
                CHECK(through == some.back().position);
        }
    for (stream_version after = 0; after <= 6; ++after)
        for (std::size_t limit = 0; limit <= 6; ++limit) {
            std::vector<std::string> payloads;
            store.read_stream("m", "even", after, limit, "m", [&](event_view const& each) {
                payloads.emplace_back(each.payload);
            });
            auto const left = after < 5 ? static_cast<std::size_t>(5 - after) : 0U;
            REQUIRE(payloads.size() == std::min(limit, left));
            for (std::size_t at = 0; at < payloads.size(); ++at)
                CHECK(payloads[at] == std::to_string(2 * (after + at)));
        }
    CHECK(store.last_of_stream("m", "odd", "m")->payload == "7");
    CHECK_FALSE(store.last_of_stream("m", "none", "m").has_value());
    CHECK_FALSE(store.last_of_stream("none", "odd", "m").has_value());
}

/// G4: an internal event takes a position and is seen by its module alone.
template <class MakeFixture> void test_visibility(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    for (int number = 0; number < 6; ++number)
        REQUIRE(append_one(store, "m", "s", event_of(std::to_string(number), number % 3 != 0)).has_value());
    CHECK(read_all(store, "m", "m").first.size() == 6);
    auto const [seen, through] = read_all(store, "m", "stranger");
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].payload == "0");
    CHECK(seen[1].payload == "3");
    CHECK(seen[1].version == 4); // the gap shows
    CHECK(through == store.head("m"));
    CHECK(read_all(store, "m", "stranger", 0, 1).second == seen[0].position);
    CHECK(read_all(store, "m", "stranger", seen[1].position, 5).second == store.head("m"));
    std::size_t of_stream = 0;
    store.read_stream("m", "s", 0, 100, "stranger", [&](event_view const&) { ++of_stream; });
    CHECK(of_stream == 2);
    CHECK(store.last_of_stream("m", "s", "stranger")->payload == "3");
    CHECK(store.last_of_stream("m", "s", "m")->payload == "5");
}

template <class MakeFixture> void test_cursors(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    if constexpr (cursor_store<decltype(store)>) {
        CHECK(store.load_cursor("r", "m") == 0);
        std::vector<cursor> const some{{"r", "m", 3}, {"r", "n", 4}, {"q", "m", 5}, {"rm", "m", 6}};
        store.save_cursors(some);
        CHECK(store.load_cursor("r", "m") == 3);
        CHECK(store.load_cursor("r", "n") == 4);
        CHECK(store.load_cursor("q", "m") == 5);
        CHECK(store.load_cursor("q", "n") == 0);
        cursor const back{"r", "m", 1};
        store.save_cursors({&back, 1});
        CHECK(fixture.open().load_cursor("r", "m") == 1);
    }
}

/// G6: any text and any bytes.
template <class MakeFixture> void test_names_and_payloads(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    std::vector<std::string> const names{
        "a",
        " ",
        "it's",
        "\"quoted\"",
        "semi;colon",
        "-- comment",
        "per%cent",
        "under_score",
        "a.b.c",
        "a*b>c",
        "a/b\\c",
        "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
        "tab\tnew\nline",
        std::string(maximum_module_name, 'x')};
    for (auto const& name : names) {
        CAPTURE(name);
        REQUIRE(append_one(store, name, name, event_of(name), expected_version::none()).has_value());
        auto const read = read_all(store, name, name).first;
        REQUIRE(read.size() == 1);
        CHECK(read[0].stream == name);
        CHECK(read[0].payload == name);
        CHECK(store.last_of_stream(name, name, name).has_value());
    }
    REQUIRE(append_one(store, "m", std::string(maximum_stream_name, 's'), event_of("long")).has_value());

    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte)
        every_byte += static_cast<char>(byte);
    int number = 0;
    for (auto const& payload :
         {std::string{}, std::string{'\0'}, every_byte, std::string(std::size_t{8} << 20U, '\x7F')}) {
        auto event = event_of("payload " + std::to_string(number));
        event.payload = payload;
        auto const stream = "payload " + std::to_string(number++);
        REQUIRE(append_one(store, "m", stream, event).has_value());
        CHECK(store.last_of_stream("m", stream, "m")->payload == payload);
    }
}

/// G6: what the contract does not allow is refused, and nothing is written.
template <class MakeFixture> void test_invalid_arguments(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    auto const refused = [&](append_request const& request) {
        try {
            (void)store.append(request);
            FAIL("was taken");
        } catch (store_error const& error) {
            CHECK(error.trouble() == store_trouble::invalid_argument);
        }
    };
    auto const good = event_of("1");
    auto nameless = good;
    nameless.name.clear();
    auto const any = expected_version::any();
    std::string const nul{"a\0b", 3};
    refused({"", "s", any, {&good, 1}});
    refused({"m", "", any, {&good, 1}});
    refused({"m", "s", any, {}});
    refused({"m", "s", any, {&nameless, 1}});
    refused({"m", nul, any, {&good, 1}});
    refused({"\xFF", "s", any, {&good, 1}});
    refused({std::string(maximum_module_name + 1, 'x'), "s", any, {&good, 1}});
    refused({"m", std::string(maximum_stream_name + 1, 'x'), any, {&good, 1}});
    CHECK(store.head("m") == 0);
    if constexpr (cursor_store<decltype(store)>) {
        cursor const nobody{"", "m", 1};
        CHECK_THROWS_AS(store.save_cursors({&nobody, 1}), store_error);
    }
}

template <class MakeFixture> void test_runner_lock(MakeFixture make_fixture) {
    auto fixture = make_fixture();
    auto store = fixture.open();
    if constexpr (runner_lock_store<decltype(store)>) {
        auto other = fixture.open();
        {
            [[maybe_unused]] auto const held = store.lock_runner("p");
            CHECK_THROWS_AS((void)other.lock_runner("p"), store_error);
            [[maybe_unused]] auto const another = other.lock_runner("q");
        }
        CHECK_NOTHROW((void)other.lock_runner("p"));
    }
}

} // namespace converge::testing
