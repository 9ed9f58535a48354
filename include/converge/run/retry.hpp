// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/options.hpp>
#include <converge/store/event.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace converge {

namespace detail {

/// The finalizer of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
constexpr std::uint64_t mix_bits(std::uint64_t value) noexcept {
    value += 0x9E3779B97F4A7C15U;
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31U);
}

} // namespace detail

/// How long a command waits for its next attempt when `attempts` have failed: exponential backoff, drawn from
/// the span that the jitter of the options allows (Brooker: Exponential Backoff And Jitter, AWS Architecture
/// Blog, 2015). The same for the same seed, command and attempt, whatever else is running.
inline std::chrono::nanoseconds
retry_delay(runner_options const& options, event_id const& command, std::uint32_t attempts) {
    constexpr std::chrono::milliseconds year = std::chrono::hours{24 * 365}; // more would not be a time_point
    std::chrono::nanoseconds const longest = std::min(options.longest_retry_after, year);
    std::chrono::nanoseconds span =
        std::min(std::min(options.first_retry_after, options.longest_retry_after), year);
    for (std::uint32_t doubled = 1; doubled < attempts && span.count() > 0 && span < longest; ++doubled)
        span = span > longest / 2 ? longest : span * 2;
    if (options.jitter == retry_jitter::none || span.count() <= 0)
        return std::max(span, std::chrono::nanoseconds{0});
    auto drawn = options.retry_seed;
    for (std::size_t at = 0; at < command.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t part = 0; // big end first: the same on every machine
        for (std::size_t byte = 0; byte < sizeof part; ++byte)
            part = (part << 8U) | command.data[at + byte];
        drawn = detail::mix_bits(drawn ^ part);
    }
    drawn = detail::mix_bits(drawn ^ attempts);
    auto const least = options.jitter == retry_jitter::equal ? span / 2 : std::chrono::nanoseconds{0};
    auto const choices = static_cast<std::uint64_t>((span - least).count()) + 1;
    return least + std::chrono::nanoseconds{static_cast<std::int64_t>(drawn % choices)};
}

} // namespace converge
