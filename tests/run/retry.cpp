// SPDX-License-Identifier: MIT
#include <converge/codec/identity.hpp>
#include <converge/run/retry.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace std::chrono_literals;

namespace {

std::vector<std::chrono::nanoseconds> delays(converge::runner_options const& options, std::uint32_t attempt) {
    std::vector<std::chrono::nanoseconds> all;
    for (std::uint64_t number = 0; number < 4'000; ++number)
        all.push_back(converge::retry_delay(options, converge::name_based_id(number), attempt));
    std::ranges::sort(all);
    return all;
}

} // namespace

TEST_CASE("without jitter the wait doubles up to the longest") {
    converge::runner_options const options{
        .first_retry_after = 10ms, .longest_retry_after = 65ms, .jitter = converge::retry_jitter::none};
    std::vector<std::chrono::nanoseconds> waits;
    for (std::uint32_t attempt = 1; attempt <= 5; ++attempt)
        waits.push_back(converge::retry_delay(options, {}, attempt));
    CHECK(waits == std::vector<std::chrono::nanoseconds>{10ms, 20ms, 40ms, 65ms, 65ms});
    CHECK(converge::retry_delay(options, {}, ~std::uint32_t{0}) == 65ms);
}

TEST_CASE("full jitter draws from the whole span, equal jitter from its second half, evenly") {
    converge::runner_options options{.first_retry_after = 10ms, .longest_retry_after = 1s};
    auto const full = delays(options, 3);
    CHECK(full.front() < 1ms);
    CHECK(full.back() > 39ms);
    CHECK(full.back() <= 40ms);
    CHECK(full[2'000] > 18ms);
    CHECK(full[2'000] < 22ms);
    options.jitter = converge::retry_jitter::equal;
    auto const equal = delays(options, 3);
    CHECK(equal.front() >= 20ms);
    CHECK(equal.front() < 21ms);
    CHECK(equal.back() <= 40ms);
    CHECK(equal[2'000] > 29ms);
    CHECK(equal[2'000] < 31ms);
}

TEST_CASE("the wait depends on seed, command and attempt, and on nothing else") {
    converge::runner_options options{.first_retry_after = 1s, .longest_retry_after = 1s};
    auto const one = converge::name_based_id(std::uint64_t{1});
    auto const wait = converge::retry_delay(options, one, 1);
    CHECK(converge::retry_delay(options, one, 1) == wait);
    CHECK(converge::retry_delay(options, one, 2) != wait);
    CHECK(converge::retry_delay(options, converge::name_based_id(std::uint64_t{2}), 1) != wait);
    options.retry_seed = 1;
    CHECK(converge::retry_delay(options, one, 1) != wait);
}

TEST_CASE("waits of no length, and a longest that is shorter than the first") {
    converge::runner_options const none{.first_retry_after = 0ms};
    CHECK(converge::retry_delay(none, {}, 9) == 0ns);
    converge::runner_options const capped{
        .first_retry_after = 1s, .longest_retry_after = 5ms, .jitter = converge::retry_jitter::none};
    CHECK(converge::retry_delay(capped, {}, 1) == 5ms);
    converge::runner_options const endless{
        .first_retry_after = std::chrono::milliseconds::max(),
        .longest_retry_after = std::chrono::milliseconds::max(),
        .jitter = converge::retry_jitter::none};
    CHECK(converge::retry_delay(endless, {}, 60) == 24h * 365);
}
