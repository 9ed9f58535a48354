// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

/// What a user would take instead, libraries for Node: each is a script that tells how long it took without
/// its start.
class peers {
public:
    /// Whether they were fetched, by peers/fetch.
    static bool present() { return std::filesystem::exists(packages() / "fetched"); }

    struct work {
        std::string script;        ///< its path in benchmarks, without ".js"
        std::string name;          ///< of what it does
        std::int64_t events = 1;   ///< in each iteration
        std::int64_t together = 1; ///< events that are written in one transaction
        int clients = 1;
        std::string input{}; ///< a file with the events, where they are not all the same
    };

    struct outcome {
        double seconds = 0; ///< 0: it failed, and has said why
        std::uint64_t checksum = 0;
    };

    /// Does the work for so many events on the server or file at `place`.
    static outcome measure(work const& each, std::int64_t events, std::string const& place) {
        return outcome_of(
            "node '" CONVERGE_SOURCE_DIR "/benchmarks/" + each.script + ".js' '" + packages().string() +
            "' '" + place + "' " + each.name + ' ' + std::to_string(events) + ' ' +
            std::to_string(each.clients) + ' ' + std::to_string(each.together) + " '" + each.input + '\'');
    }

    /// Does the work on the server or file at `place`, an iteration after the other.
    static void run(benchmark::State& state, work const& each, std::string const& place) {
        auto const seconds =
            measure(each, static_cast<std::int64_t>(state.max_iterations) * each.events, place).seconds;
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

    static outcome outcome_of(std::string const& command) {
        std::unique_ptr<std::FILE, close_pipe> const output{
            ::popen(command.c_str(), "r")}; // NOLINT: our own words
        outcome found;
        unsigned long long checksum = 0; // NOLINT(google-runtime-int): as scanned
        if (output == nullptr ||
            std::fscanf(output.get(), "seconds %lf checksum %llu", &found.seconds, &checksum) != 2) // NOLINT
            return {};
        found.checksum = checksum;
        return found;
    }
};
