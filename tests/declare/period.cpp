// SPDX-License-Identifier: MIT
#include <converge/declare/effect.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <ratio>

namespace {

using converge::period;
using namespace std::chrono_literals;

template <period After> constexpr std::int64_t microseconds = After.microseconds;

TEST_CASE("a period is made from any duration, in microseconds, less than one cut off") {
    CHECK(microseconds<0s> == 0);
    CHECK(microseconds<1us> == 1);
    CHECK(microseconds<999ns> == 0);
    CHECK(microseconds<1'500ns> == 1);
    CHECK(microseconds<15min> == 900'000'000);
    CHECK(microseconds<std::chrono::years{30}> == 30 * 31'556'952'000'000);
    CHECK(microseconds<std::chrono::duration<double>{0.25}> == 250'000);
    CHECK(microseconds<std::chrono::duration<std::int64_t, std::ratio<1, 3>>{1}> == 333'333);
}

} // namespace
