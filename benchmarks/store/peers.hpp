// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

/// Other event stores, which are libraries for Node: each is a script in `peers` that tells how long it took
/// without its start.
class peers {
public:
    /// Whether store.prepare has fetched them.
    static bool present() { return std::filesystem::exists(packages() / "fetched"); }

    /// `script` does `workload` on the server or file at `place`, for `events` events in each iteration.
    static void
    run(benchmark::State& state, std::string const& script, std::string const& place,
        std::string const& workload, std::int64_t events = 1, int clients = 1) {
        auto const command = "node '" CONVERGE_SOURCE_DIR "/benchmarks/store/peers/" + script + ".js' '" +
                             packages().string() + "' '" + place + "' " + workload + ' ' +
                             std::to_string(static_cast<std::int64_t>(state.max_iterations) * events) + ' ' +
                             std::to_string(clients);
        auto const seconds = seconds_of(command);
        if (seconds <= 0)
            state.SkipWithError((script + ".js failed").c_str());
        for (auto _ : state)
            state.SetIterationTime(seconds / static_cast<double>(state.max_iterations));
        state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * events);
    }

private:
    struct close_pipe {
        void operator()(std::FILE* each) const noexcept { ::pclose(each); }
    };

    static std::filesystem::path packages() {
        return std::filesystem::path{CONVERGE_SOURCE_DIR} / "build/bench/peers";
    }

    /// 0: it failed, and has said why.
    static double seconds_of(std::string const& command) {
        std::unique_ptr<std::FILE, close_pipe> const output{
            ::popen(command.c_str(), "r")}; // NOLINT: our own words
        double seconds = 0;
        if (output == nullptr || std::fscanf(output.get(), "seconds %lf", &seconds) != 1) // NOLINT
            return 0;
        return seconds;
    }
};
