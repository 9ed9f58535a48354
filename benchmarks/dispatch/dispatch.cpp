// SPDX-License-Identifier: MIT
#include <benchmark/benchmark.h>
#include <benchmarks/processor_time.hpp>

#include <composed.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <dispatch/contenders.hpp>
#include <dispatch/known.hpp>
#include <flat.hpp>
#include <functional>
#include <large.hpp>
#include <memory>
#include <order.hpp>
#include <string>
#include <utility>
#include <vector>

// A contender of one's own: a header of this name on the include path, with
//   namespace other_contender {
//   inline constexpr char const* name = "...";
//   template <class Workload> inline constexpr bool takes = ...;
//   template <class Workload> std::uint64_t run(std::span<logged const>);
//   }
#if __has_include(<converge_other_contender.hpp>)
#include <converge_other_contender.hpp>
#endif

// dispatch/<workload>/<contender>: what an event costs in memory, one thread, nothing else. All are given the
// same 2^20 random events, and before anything is measured each has to arrive at the sum of the floor.
namespace {

constexpr std::size_t events = 1U << 20U;

bool failed = false;

struct checked {
    std::string workload;
    std::uint64_t wanted;

    void add(std::string const& contender, std::size_t size, std::function<std::uint64_t()> run) const {
        auto const name = "dispatch/" + workload + "/" + contender;
        if (auto const got = run(); got != wanted) {
            std::fprintf(
                stderr, "%s: the sum is %llu instead of %llu\n", name.c_str(),
                static_cast<unsigned long long>(got), static_cast<unsigned long long>(wanted));
            failed = true;
            return;
        }
        auto const measure = [run = std::move(run), size](benchmark::State& state) {
            measure_processor_time(state, [&] { benchmark::DoNotOptimize(run()); });
            state.counters["events"] =
                benchmark::Counter(static_cast<double>(size), benchmark::Counter::kIsIterationInvariantRate);
        };
        benchmark::RegisterBenchmark(name.c_str(), measure)
            ->Unit(benchmark::kMillisecond)
            ->UseManualTime()
            ->MinTime(0.05);
    }
};

template <class Workload> void add_all() {
    auto const log = std::make_shared<event_log<Workload>>(events);
    auto const entries = log->entries();
    auto const variants =
        std::make_shared<contenders::variant_log<Workload>>(contenders::decoded<Workload>(entries));
    checked const group{Workload::name, contenders::floor<Workload>(entries)};
    auto const add = [&](std::string const& contender, auto run) {
        group.add(contender, events, [log, run] { return run(log->entries()); });
    };
    add("floor", contenders::floor<Workload>);
    add("converge", contenders::converge<Workload>);
    add("switch", contenders::nested_switch<Workload>);
    group.add("variant", events, [variants] { return contenders::variant<Workload>(*variants); });
    if constexpr (Workload::rows.size() <= 150) // more, and Boost.MSM does not compile in minutes
        add("msm", contenders::msm<Workload>);
    add("statechart", contenders::statechart<Workload>);
#if __has_include(<converge_other_contender.hpp>)
    if constexpr (other_contender::takes<Workload>)
        add(other_contender::name, other_contender::run<Workload>);
#endif
}

void add_known() {
    auto const log = std::make_shared<typed_log>(events);
    namespace known = contenders::known;
    checked const group{"known", known::floor(*log)};
    auto const add = [&](std::string const& contender, std::uint64_t (*run)(typed_log const&)) {
        group.add(contender, log->size(), [=] { return run(*log); });
    };
    add("floor", known::floor);
    add("converge", known::converge);
    add("switch", known::nested_switch);
    add("variant", known::variant);
    add("msm", known::msm);
    add("statechart", known::statechart);
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
    benchmark::AddCustomContext("compiler", CONVERGE_COMPILER);
    add_all<order::workload>();
    add_all<flat::workload>();
    add_all<composed::workload>();
    add_all<large::workload>();
    add_known();
    if (failed)
        return 1;
    benchmark::RunSpecifiedBenchmarks();
}
