// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace converge::testing {

/// The random numbers of a simulation: the same for the same seed on every compiler, which the distributions
/// of the standard library do not promise. Not thread-safe.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), SplitMix64.
class simulation_random {
public:
    explicit constexpr simulation_random(std::uint64_t seed) noexcept : state_{seed} {}

    /// Any 64 bits.
    constexpr std::uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15U;
        return mixed(state_);
    }
    /// A number from 0 to `bound` - 1; 0 when the bound is 0 or 1. Precondition: `bound` is at most 2^32.
    constexpr std::size_t below(std::size_t bound) noexcept {
        return static_cast<std::size_t>(((next() >> 32U) * std::uint64_t{bound}) >> 32U);
    }
    /// A number from `least` to `most`.
    constexpr std::size_t between(std::size_t least, std::size_t most) noexcept {
        return least + below(most - least + 1);
    }
    /// True once in `times` on average; never when `times` is 0.
    constexpr bool one_in(std::uint32_t times) noexcept { return times != 0 && below(times) == 0; }

    /// One step of the generator: numbers that are near come far apart.
    static constexpr std::uint64_t mixed(std::uint64_t number) noexcept {
        number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9U;
        number = (number ^ (number >> 27U)) * 0x94D049BB133111EBU;
        return number ^ (number >> 31U);
    }

private:
    std::uint64_t state_;
};

} // namespace converge::testing
