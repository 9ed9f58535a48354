// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <exception>
#include <run/drain.hpp>
#include <run/places.hpp>
#include <run/workload.hpp>
#include <run/written_batches.hpp>
#include <string>
#include <utility>

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
template <class Place, class Work> double seconds_at(Place const& /*place*/, Work work) {
    return Place::waits ? seconds_of(work) : processor_seconds_of(work);
}

/// The events lie in the log; from there to the steps, and what a floor takes to write these.
template <class Place> void add_throughput(Place const& place, std::size_t orders) {
    std::string const prefix = std::string{"run/"} + Place::name;
    add_run(prefix + "_to_step/floor", [=](benchmark::State& state) {
        order_workload const workload{orders};
        recording_store recorded;
        publish_all<converge::memory_store>(recorded, workload.events());
        drain_to_steps(recorded);
        require_same(checksum_of(recorded), workload.checksum());
        auto floor = place.floor(workload);
        report_time_of_an_event(
            state,
            seconds_at(
                place,
                [&] {
                    for (auto const& batch : recorded.batches())
                        floor.write(batch);
                }),
            workload.events().size());
    });
    auto const converge = [=](auto drain) {
        return [=](benchmark::State& state) {
            order_workload const workload{orders};
            auto store = place.store();
            publish_all(store, workload.events());
            report_time_of_an_event(
                state, seconds_at(place, [&] { drain(store); }), workload.events().size());
            require_same(checksum_of(store), workload.checksum());
        };
    };
    add_run(prefix + "_to_step/converge", converge([](auto& store) { drain_to_steps(store); }));
    add_run(prefix + "_with_commands/converge", converge([](auto& store) { drain_with_commands(store); }));
}
