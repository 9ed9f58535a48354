// SPDX-License-Identifier: MIT
#include <benchmark/benchmark.h>
#include <benchmarks/compile/compiler.hpp>
#include <benchmarks/compile/lattice.hpp>
#include <benchmarks/compile/sources.hpp>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// What the compiler needs for a declaration: processor time and peak memory of the whole compiler, as
// `compiler -std=c++20 -c`, without optimisation, run from start to end. The floor of each workload is an
// empty file with the include. `<compiler>/<workload>/<contender>`; the other contenders:
//   declare            the machine's table, without any check
//   verify             static_assert(converge::verified<process>)
//   verify_syntax_only the same with -fsyntax-only: nothing is generated
//   dispatch           verified, and each event given to the process: what the two libraries of Boost do too
//   boost_statechart, boost_msm
namespace {

namespace fs = std::filesystem;

fs::path const folder = fs::path{CONVERGE_BINARY_DIR} / "benchmarks" / "compile-sources";
bool failed = false;

/// The source file; it is only written when it is new.
fs::path write_source(std::string const& name, std::string const& text) {
    auto const path = folder / (name + ".cpp");
    std::ifstream old{path};
    if (!old || std::string{std::istreambuf_iterator<char>{old}, {}} != text) {
        std::ofstream file{path};
        if (!(file << text << std::flush))
            throw std::runtime_error{path.string() + ": cannot be written"};
    }
    return path;
}

struct contender {
    std::string name;
    std::string source;
    bool syntax_only = false;
    int repetitions = 0;     // 0: as many as the command line says
    std::size_t entries = 0; // of the table, if there is one
};

void measure(
    benchmark::State& state, std::vector<std::string> const& command, fs::path const& log,
    std::size_t entries) {
    double peak = 0;
    for ([[maybe_unused]] auto _ : state) {
        auto const made = run_compiler(command, log);
        if (!made.error.empty()) {
            failed = true;
            state.SkipWithError(made.error.c_str());
            return;
        }
        state.SetIterationTime(made.seconds);
        peak = made.peak_mib;
    }
    state.counters["peak_MiB"] = peak;
    if (entries != 0)
        state.counters["entries"] = static_cast<double>(entries);
}

/// `of_size` is the last part of the workload's name; 0 if it has none.
void add(
    std::string const& compiler, std::string const& workload, std::size_t of_size,
    std::vector<contender> const& contenders) {
    for (auto const& each : contenders) {
        auto const size = of_size == 0 ? "" : "/" + std::to_string(of_size);
        auto const file = workload + (of_size == 0 ? "" : "_" + std::to_string(of_size)) + "_" + each.name;
        std::vector<std::string> command{compiler, "-std=c++20", "-I", CONVERGE_SOURCE_DIR "/include"};
        if (each.syntax_only)
            command.emplace_back("-fsyntax-only");
        else
            command.insert(command.end(), {"-c", "-o", (folder / (file + "." + compiler + ".o")).string()});
        command.push_back(write_source(file, each.source).string());
        auto const log = folder / (file + "." + compiler + ".log");
        auto* const added = benchmark::RegisterBenchmark(
            (compiler + "/" + workload + "/" + each.name + size).c_str(),
            [=, entries = each.entries](benchmark::State& state) { measure(state, command, log, entries); });
        added->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(1);
        if (each.repetitions != 0)
            added->Repetitions(each.repetitions);
    }
}

contender const floor_of_checks{"floor", sources::include_verify};

void add_includes(std::string const& compiler) {
    add(compiler, "include", 0,
        {
            {"floor", ""},
            {"verify", sources::include_verify},
            {"everything", "#include <converge/converge.hpp>\n"},
        });
}

void add_rows(std::string const& compiler) {
    std::vector<lattice> const shapes{{{2}, 5},      {{2, 5}, 5},    {{3, 5}, 10},      {{5, 5}, 20},
                                      {{5, 10}, 20}, {{10, 10}, 20}, {{4, 4, 4, 4}, 20}};
    for (auto const& shape : shapes) {
        auto const rows = shape.states() * shape.events();
        std::vector<contender> contenders{
            floor_of_checks,
            {"declare", sources::declared(shape), false, 0, shape.entries()},
            {"verify", sources::verified(shape)},
            {"verify_syntax_only", sources::verified(shape), true},
        };
        if (rows <= 1000) {
            contenders.push_back({"dispatch", sources::dispatching(shape)});
            contenders.push_back({"boost_statechart", sources::boost_statechart(shape)});
        }
        if (rows <= 150) // once, for it is slow: 500 rows take clang 170 s, and g++ longer than 235
            contenders.push_back({"boost_msm", sources::boost_msm(shape), false, 1});
        add(compiler, "rows", rows, contenders);
    }
}

/// Fifty states, so that the check's |R|*|E|^2 shows.
void add_events(std::string const& compiler) {
    for (std::size_t const events : {2U, 4U, 8U, 12U, 16U, 20U}) {
        lattice const shape{{5, 10}, events, true};
        add(compiler, "events", events,
            {floor_of_checks,
             {"declare", sources::declared(shape), false, 0, shape.entries()},
             {"verify", sources::verified(shape)}});
    }
}

void add_machines(std::string const& compiler) {
    for (std::size_t const machines : {1U, 2U, 4U, 8U})
        add(compiler, "machines", machines,
            {floor_of_checks, {"verify", sources::several_machines(machines)}});
}

/// Sixteen events in any order: sixteen machines of two states, and one machine of seventeen.
void add_any_order(std::string const& compiler) {
    add(compiler, "any_order", 16,
        {
            floor_of_checks,
            {"verify", sources::any_order(16)},
            {"verify_one_machine", sources::verified(lattice{{17}, 16})},
        });
}

/// CONVERGE_BENCH_COMPILERS names others.
std::vector<std::string> compilers() {
    auto const* const named = std::getenv("CONVERGE_BENCH_COMPILERS");
    std::istringstream words{named == nullptr ? "g++ clang++-19" : named};
    std::vector<std::string> const wanted{std::istream_iterator<std::string>{words}, {}};
    for (auto const& each : wanted)
        if (!is_installed(each))
            throw std::runtime_error{each + ": there is no such compiler"};
    return wanted;
}

void register_all() {
    fs::create_directories(folder);
    for (auto const& compiler : compilers()) {
        add_includes(compiler);
        add_rows(compiler);
        add_events(compiler);
        add_machines(compiler);
        add_any_order(compiler);
    }
}

} // namespace

int main(int count, char** arguments) {
    // The contenders alternate, so that a slow minute of the machine is everybody's. The command line may
    // still say otherwise.
    std::string interleaving = "--benchmark_enable_random_interleaving=true";
    std::vector<char*> all{arguments, arguments + count};
    all.insert(all.begin() + 1, interleaving.data());
    auto size = static_cast<int>(all.size());
    benchmark::Initialize(&size, all.data());
    if (benchmark::ReportUnrecognizedArguments(size, all.data()))
        return 2;
    try {
        register_all();
    } catch (std::exception const& error) {
        std::fprintf(stderr, "bench_compile: %s\n", error.what());
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return failed ? 1 : 0;
}
