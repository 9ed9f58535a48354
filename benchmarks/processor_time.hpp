// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <ctime>

/// The time that this thread has been at work, in seconds.
inline double processor_seconds() {
    std::timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Measures by processor time, so that what else the machine does is not counted: for a benchmark of one
/// thread that waits for nothing. It is registered with `UseManualTime`.
template <class Run> void measure_processor_time(benchmark::State& state, Run run) {
    for ([[maybe_unused]] auto _ : state) {
        auto const before = std::clock();
        run();
        state.SetIterationTime(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
    }
}
