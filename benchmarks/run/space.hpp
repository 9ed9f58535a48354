// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <resident_memory.hpp>
#include <run/drain.hpp>
#include <run/places.hpp>
#include <run/throughput.hpp>
#include <run/workload.hpp>
#include <string>

/// The order process, with a time in which it has to be paid.
struct order_with_deadline : shop::order_process {
    static constexpr converge::name name{"order_with_deadline"};
    using effects = converge::effects<
        converge::effect<
            converge::when<shop::placement::placed, shop::payment::awaiting>,
            converge::deadline<shop::payment_timed_out, converge::period{std::chrono::seconds{60}}>>,
        converge::effect<
            converge::when<shop::placement::placed, shop::payment::paid, shop::cancellation::open>,
            shop::ship_order, converge::undone_by<shop::recall_order>>>;
};

/// What a runner that has caught up gives back when it ends, in bytes.
template <class Process, class Store> double memory_of_a_runner(Store& store, std::size_t cached_instances) {
    auto options = drain_options();
    options.cached_instances = cached_instances;
    auto runner = std::make_unique<decltype(converge::make_runner<Process>(store, does_nothing{}, options))>(
        converge::make_runner<Process>(store, does_nothing{}, options));
    runner->catch_up();
    auto const before = allocated_memory();
    runner.reset();
    return before - allocated_memory();
}

/// Instances that are in memory, against a runner that keeps one only.
inline void add_space_of_an_instance(std::size_t orders) {
    add_run("space/instance", [=](benchmark::State& state) {
        order_workload const workload{orders};
        auto const with = [&](std::size_t cached) {
            converge::memory_store store;
            publish_all(store, workload.events());
            return memory_of_a_runner<shop::order_process>(store, cached);
        };
        state.counters["bytes"] = (with(orders) - with(1)) / static_cast<double>(orders);
        state.SetIterationTime(1e-9);
    });
}

/// Deadlines that are due within the next minute, and so in memory. Later ones are in the log alone.
inline void add_space_of_a_deadline(std::size_t orders) {
    add_run("space/deadline", [=](benchmark::State& state) {
        auto const with = [](std::size_t placed) {
            converge::memory_store store;
            for (std::size_t number = 0; number < placed; ++number) {
                auto const order = "order-" + std::to_string(number);
                (void)converge::publish<shop::orders>(store, order, shop::order_placed{order});
            }
            return memory_of_a_runner<order_with_deadline>(store, 1);
        };
        state.counters["bytes"] = (with(orders) - with(1)) / static_cast<double>(orders - 1);
        state.SetIterationTime(1e-9);
    });
}

inline std::size_t events_of_a_long_run() {
    auto const* const text = std::getenv("CONVERGE_RUN_EVENTS"); // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? 1'000'000 : std::strtoull(text, nullptr, 10);
}

/// On SQLite, a runner that handles a million events, or as many as CONVERGE_RUN_EVENTS says, of orders that
/// come and go: by how much the program grows in the last two thirds of them.
inline void add_long_run() {
    add_run("space/long_run", [](benchmark::State& state) {
        constexpr std::size_t orders_together = 8'000;
        auto store = sqlite_place{}.store();
        auto runner = converge::make_runner<shop::order_process>(store, does_nothing{}, drain_options());
        double settled = 0;
        double most = 0;
        double seconds = 0;
        std::size_t orders = 0;
        while (runner.counts().events < events_of_a_long_run()) {
            {
                order_workload const workload{orders_together, orders};
                publish_all(store, workload.events());
                orders += orders_together;
            }
            seconds += seconds_of([&] { runner.catch_up(); });
            auto const now = allocated_memory();
            if (runner.counts().events < events_of_a_long_run() / 3)
                settled = now;
            most = std::max(most, now);
        }
        state.counters["events"] = static_cast<double>(runner.counts().events);
        state.counters["peak_MiB"] = most / 1048576;
        state.counters["growth_MiB"] = (most - settled) / 1048576;
        report_time_of_an_event(state, seconds, runner.counts().events);
    })->Repetitions(1);
}
