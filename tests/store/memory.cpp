// SPDX-License-Identifier: MIT
#include <converge/codec/identity.hpp>
#include <converge/store/memory.hpp>
#include <converge/testing/store_conformance.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <thread>

namespace {

using converge::expected_version;

static_assert(converge::event_log<converge::memory_store>);
static_assert(converge::cursor_store<converge::memory_store>);
static_assert(converge::atomic_batch_log<converge::memory_store>);
static_assert(converge::runner_lock_store<converge::memory_store>);
static_assert(converge::record_store<converge::memory_store>);
static_assert(converge::fenced_log<converge::memory_store>);

struct memory_fixture {
    converge::memory_store store;
    converge::memory_store open() { return store; } // copies share their events
};

converge::new_event numbered(std::uint64_t number) {
    return {converge::name_based_id(number), "counted", false, std::to_string(number)};
}

/// One event into each of two modules, and then, when it is `refused`, one for a version that is not there.
converge::batch_result
write_pair(converge::memory_store& store, std::uint64_t number, std::string const& stream, bool refused) {
    std::array const events{numbered(number), numbered(number), numbered(number + 1)};
    auto const one = [&](std::size_t at) { return std::span{events}.subspan(at, 1); };
    std::array const requests{
        converge::append_request{"here", stream, expected_version::any(), one(0)},
        converge::append_request{"there", stream, expected_version::any(), one(1)},
        converge::append_request{"here", stream, expected_version::none(), one(2)}};
    return store.commit({std::span{requests}.first(refused ? 3 : 2), {}});
}

} // namespace

TEST_CASE("of a batch that is refused nothing is seen, and nothing is in the way of the next") {
    converge::memory_store store;
    std::string const stream = "one whose name is too long to be kept in a string without memory of its own";
    for (int round = 0; round < 3; ++round) {
        CHECK_FALSE(write_pair(store, 1, stream, true).has_value());
        CHECK(store.head("here") == 0);
        CHECK_FALSE(store.last_of_stream("there", stream, "there").has_value());
        store.read_stream("here", stream, 0, 9, "here", [](auto const&) { FAIL("it was taken back"); });
    }
    REQUIRE(write_pair(store, 1, stream, false).has_value());
    CHECK_FALSE(write_pair(store, 7, stream, true).has_value());
    auto const last = store.last_of_stream("here", stream, "here").value();
    CHECK(last.version == 1);
    CHECK(last.payload == "1");
    CHECK(store.head("there") == 1);
}

TEST_CASE("readers see all of a batch or nothing, also while others are taken back") {
    converge::memory_store store;
    constexpr std::uint64_t batches = 20'000;
    std::atomic<bool> done{false};
    std::jthread const writer{[&] {
        for (std::uint64_t number = 1; number <= batches; ++number) {
            auto const stream = "stream " + std::to_string(number % 300);
            (void)write_pair(store, batches + 2 * number, stream, true);
            (void)write_pair(store, number, stream, false);
        }
        done = true;
    }};
    std::uint64_t torn = 0;
    std::uint64_t wrong = 0;
    for (bool last_look = false; !last_look;) {
        last_look = done;
        auto const here = store.head("here");
        torn += store.head("there") < here ? 1 : 0;
        auto const there = store.head("there");
        torn += store.head("here") < there ? 1 : 0;
        converge::position expected = there > 50 ? there - 50 : 0;
        store.read("here", expected, 50, "here", [&](converge::event_view const& each) {
            wrong += each.position != ++expected || each.payload.empty() ? 1 : 0;
        });
        converge::stream_version version = 0;
        store.read_stream("there", "stream 7", 0, 1'000, "there", [&](converge::event_view const& each) {
            wrong += each.version != ++version ||
                             each.id != converge::name_based_id(std::stoull(std::string{each.payload}))
                         ? 1
                         : 0;
        });
        if (auto const found = store.last_of_stream("there", "stream 7", "there"))
            wrong += found->version < version ? 1 : 0;
    }
    CHECK(torn == 0);
    CHECK(wrong == 0);
    CHECK(store.head("there") == batches);
}

TEST_CASE("the memory store keeps the promises of the contract") {
    converge::testing::store_conformance([] { return memory_fixture{}; });
}
