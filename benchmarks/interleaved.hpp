// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#ifdef __clang__
inline constexpr auto name_of_the_compiler = "clang " __clang_version__;
#else
inline constexpr auto name_of_the_compiler = "g++ " __VERSION__;
#endif

/// The main program of benchmarks whose repetitions are interleaved at random, so that what else the machine
/// does meets all of them. `add` registers them.
template <class Add> int run_interleaved(int count, char** arguments, Add add) {
    std::vector<char*> words(arguments, arguments + count);
    std::string interleaved = "--benchmark_enable_random_interleaving=true";
    words.insert(words.begin() + 1, interleaved.data());
    auto size = static_cast<int>(words.size());
    words.push_back(nullptr);
    benchmark::AddCustomContext("compiler", name_of_the_compiler);
    benchmark::Initialize(&size, words.data());
    if (benchmark::ReportUnrecognizedArguments(size, words.data()))
        return 2;
    add();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
