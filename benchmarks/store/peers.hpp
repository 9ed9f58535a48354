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

    struct work {
        std::string script;        ///< which of `peers`, without ".js"
        std::string name;          ///< of what it does
        std::int64_t events = 1;   ///< in each iteration
        std::int64_t together = 1; ///< events that are written in one transaction
        int clients = 1;
    };

    /// Does the work on the server or file at `place`.
    static void run(benchmark::State& state, work const& each, std::string const& place) {
        auto const command = "node '" CONVERGE_SOURCE_DIR "/benchmarks/store/peers/" + each.script +
                             ".js' '" + packages().string() + "' '" + place + "' " + each.name + ' ' +
                             std::to_string(static_cast<std::int64_t>(state.max_iterations) * each.events) +
                             ' ' + std::to_string(each.clients) + ' ' + std::to_string(each.together);
        auto const seconds = seconds_of(command);
        if (seconds <= 0)
            state.SkipWithError((each.script + ".js failed").c_str());
        for (auto _ : state)
            state.SetIterationTime(seconds / static_cast<double>(state.max_iterations));
        state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * each.events);
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
