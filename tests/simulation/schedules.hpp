// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/simulate.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace simulation {

/// Takes every command of a process.
struct takes_all {
    void operator()(auto const&) const {}
};

/// How many schedules all test cases run together: the environment variable CONVERGE_SCHEDULES, else what the
/// build says.
inline std::uint64_t schedules() {
    auto const* const text = std::getenv("CONVERGE_SCHEDULES");
    return text == nullptr || *text == '\0' ? std::uint64_t{CONVERGE_SCHEDULES}
                                            : std::strtoull(text, nullptr, 10);
}

/// The one schedule that is replayed, with its trace: the environment variable CONVERGE_SEED.
inline char const* replayed_seed() {
    auto const* const text = std::getenv("CONVERGE_SEED");
    return text == nullptr || *text == '\0' ? nullptr : text;
}

/// How many test cases there are. Seed s belongs to case s modulo this, so that a seed says all.
inline constexpr std::uint64_t cases = 10;

/// Runs the schedules of one test case, up to the first that does not hold.
template <class Process, converge::testing::simulated_capabilities Capabilities, class Events, class Handler>
void run_schedules(
    std::uint64_t case_number, Events const& events, Handler const& handler,
    converge::testing::simulation_settings settings = {}) {
    auto const replay = [&](std::uint64_t seed) {
        settings.traced = true;
        auto const result =
            converge::testing::simulate<Process, Capabilities>(seed, events, handler, settings);
        MESSAGE(result.text());
        return result.holds();
    };
    if (auto const* const text = replayed_seed()) {
        auto const seed = std::strtoull(text, nullptr, 10);
        if (seed % cases == case_number)
            CHECK(replay(seed));
        return;
    }
    converge::testing::fault_counts faults;
    std::uint64_t run = 0;
    std::uint64_t calls = 0;
    auto const began = std::chrono::steady_clock::now();
    for (auto seed = case_number; seed < schedules(); seed += cases, ++run) {
        auto const result =
            converge::testing::simulate<Process, Capabilities>(seed, events, handler, settings);
        faults += result.faults;
        calls += result.store_calls;
        if (result.holds())
            continue;
        (void)replay(seed);
        FAIL(
            "seed " << seed << " does not hold; this line replays it: ./dev test simulation --seed " << seed
                    << "\n"
                    << result.text());
    }
    auto const took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::string text = std::to_string(run) + " schedules, " + std::to_string(calls) + " store calls, " +
                       std::to_string(took) + " s";
    for (std::size_t each = 0; each < converge::testing::simulated_fault_count; ++each)
        if (auto const count = faults[static_cast<converge::testing::simulated_fault>(each)])
            text += ", " + std::string{converge::testing::simulated_fault_names[each]} + " " +
                    std::to_string(count);
    MESSAGE(text);
}

} // namespace simulation
