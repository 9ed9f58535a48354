// SPDX-License-Identifier: MIT
#include <converge/run/publish.hpp>
#include <converge/store/memory.hpp>
#include <converge/testing/fake_clock.hpp>

#include <doctest/doctest.h>

#include <run/order.hpp>

using namespace std::chrono_literals;

TEST_CASE("a fake clock stands still until it is told to go on, in all its copies") {
    converge::testing::fake_clock clock;
    auto copy = clock;
    CHECK(clock.now() == std::chrono::sys_days{std::chrono::year{2000} / 1 / 1});
    copy.advance(15min);
    CHECK(clock() - std::chrono::sys_days{std::chrono::year{2000} / 1 / 1} == 15min);
    CHECK_THROWS_AS(clock.advance(-1us), std::invalid_argument);
    CHECK(clock.now() == copy.now());
}

TEST_CASE("a memory store takes its times from the clock it is given") {
    converge::testing::fake_clock clock;
    converge::memory_store store{clock};
    place(store, "1");
    clock.advance(1h);
    converge::new_event const later{converge::random_event_id(), "thing_happened", false, "x"};
    converge::append_request const request{"orders", "2", converge::expected_version::any(), {&later, 1}};
    store.commit({{&request, 1}, {}}).value();
    std::vector<converge::timestamp> times;
    store.read("orders", 0, 10, "orders", [&](converge::event_view const& event) {
        times.push_back(event.recorded_at);
    });
    REQUIRE(times.size() == 2);
    CHECK(times[0] == clock.now() - 1h);
    CHECK(times[1] == clock.now());
}
