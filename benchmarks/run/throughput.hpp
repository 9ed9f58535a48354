// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <exception>
#include <in_turns.hpp>
#include <processor_time.hpp>
#include <run/drain.hpp>
#include <run/places.hpp>
#include <run/workload.hpp>
#include <run/written_batches.hpp>
#include <string>
#include <utility>
#include <vector>

/// Has a benchmark report the time of one event, whatever their number.
inline void report_time_of_an_event(benchmark::State& state, double seconds, std::size_t events) {
    state.SetIterationTime(seconds / static_cast<double>(events));
    state.SetItemsProcessed(1);
}

/// Runs once in each repetition, and says by itself how long it took.
template <class Run> benchmark::internal::Benchmark* add_run(std::string const& name, Run run) {
    return benchmark::RegisterBenchmark(
               name.c_str(),
               [run = std::move(run)](benchmark::State& state) {
                   for ([[maybe_unused]] auto _ : state)
                       try {
                           run(state);
                       } catch (std::exception const& failed) {
                           state.SkipWithError(failed.what());
                       }
               })
        ->Iterations(1)
        ->UseManualTime();
}

/// By the clock on the wall; by the processor's where there is nothing to wait for, in one thread.
template <class Place> stop_watch<double (*)()> watch_at(Place const& /*place*/) {
    return stop_watch<double (*)()>{Place::waits ? wall_seconds : processor_seconds};
}

/// A floor and a runner, in turns: the runner takes a batch of events from the log to their steps, and then
/// the floor writes as many steps, those of the same events.
template <class Place>
std::vector<turns_result> measure_steps(Place const& place, order_workload const& workload) {
    recording_store recorded;
    publish_all<converge::memory_store>(recorded, workload.events());
    drain_to_steps(recorded);
    require_same(checksum_of(recorded), workload.checksum());
    auto next = recorded.batches().begin();
    auto floor = place.floor(workload);
    auto of_floor = watch_at(place);
    auto const write_next = [&] {
        if (next != recorded.batches().end())
            of_floor.measure([&] { floor.write(*next++); });
    };
    auto store = place.filled(workload);
    auto of_runner = watch_at(place);
    of_runner.begin();
    drain_to_steps(store, [&] {
        of_runner.end();
        write_next();
        of_runner.begin();
    });
    of_runner.end();
    require_same(checksum_of(store), workload.checksum());
    while (next != recorded.batches().end())
        write_next();
    auto const events = static_cast<double>(workload.events().size());
    return {{of_floor.seconds() / events, {}}, {of_runner.seconds() / events, {}}};
}

/// The events lie in the log; from there to the steps, and what a floor takes to write these; and commands
/// handed over too.
template <class Place> void add_throughput(Place const& place, std::size_t orders) {
    std::string const prefix = std::string{"run/"} + Place::name;
    contenders_in_turns::add({prefix + "_to_step/floor", prefix + "_to_step/converge"}, [=] {
        return measure_steps(place, order_workload{orders});
    });
    add_run(prefix + "_with_commands/converge", [=](benchmark::State& state) {
        order_workload const workload{orders};
        auto store = place.filled(workload);
        auto watch = watch_at(place);
        watch.measure([&] { drain_with_commands(store); });
        report_time_of_an_event(state, watch.seconds(), workload.events().size());
        require_same(checksum_of(store), workload.checksum());
    });
}
