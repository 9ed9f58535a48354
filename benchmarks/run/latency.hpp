// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <run/drain.hpp>
#include <run/throughput.hpp>
#include <run/workload.hpp>
#include <span>
#include <string>
#include <thread>
#include <vector>

/// From the time that the store gives an event to the moment in which its step is written.
class step_latencies {
public:
    void operator()(converge::step_recorded const& step) {
        using namespace std::chrono;
        auto const now = system_clock::now();
        seconds_.push_back(duration<double>(now - step.event_recorded_at).count());
    }
    void operator()(converge::batch_handled const& batch) { handled_ += batch.events; }

    std::size_t handled() const noexcept { return handled_; }
    /// In microseconds; the share of the steps that took no longer.
    double quantile(double share) {
        std::ranges::sort(seconds_);
        auto const place = static_cast<std::size_t>(share * static_cast<double>(seconds_.size() - 1));
        return seconds_.at(place) * 1e6;
    }

private:
    std::vector<double> seconds_;
    std::atomic<std::size_t> handled_{0};
};

/// Appends the events, `together` in each transaction, at a steady rate: none before its time.
template <class Store>
void publish_steadily(Store& store, std::span<logged_event const> events, double a_second) {
    constexpr std::size_t together = 64;
    auto const begin = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at < events.size(); at += together) {
        auto const part = events.subspan(at, std::min(together, events.size() - at));
        auto const due = std::chrono::duration<double>{static_cast<double>(at + part.size()) / a_second};
        std::this_thread::sleep_until(
            begin + std::chrono::duration_cast<std::chrono::steady_clock::duration>(due));
        publish_all(store, part);
    }
}

/// A runner that runs, while another thread appends at a steady rate. How many seconds it took until all were
/// handled.
template <class Place>
double run_under_load(
    Place const& place, order_workload const& workload, double a_second, step_latencies& latencies) {
    auto store = place.store();
    auto writer = Place::same(store);
    auto options = drain_options();
    options.poll_interval = std::chrono::milliseconds{1}; // of stores that cannot wake their readers
    auto runner = converge::make_runner<shop::order_process>(
        store, does_nothing{}, options, converge::json_codec{}, std::ref(latencies));
    auto const seconds = seconds_of([&] {
        std::jthread const running{[&](std::stop_token const& stop) { runner.run(stop); }};
        publish_steadily(writer, workload.events(), a_second);
        while (latencies.handled() < workload.events().size())
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
    });
    require_same(checksum_of(store), workload.checksum());
    return seconds;
}

/// The greatest load is what comes of it when the other thread appends as fast as it can; then half of it.
template <class Place> void add_latency(Place const& place, std::size_t orders) {
    add_run(std::string{"latency/"} + Place::name, [=](benchmark::State& state) {
        order_workload const workload{orders};
        step_latencies without_rest;
        constexpr double no_limit = 1e9;
        auto const a_second = static_cast<double>(workload.events().size()) /
                              run_under_load(place, workload, no_limit, without_rest) / 2;
        step_latencies latencies;
        (void)run_under_load(place, workload, a_second, latencies);
        state.counters["a_second"] = a_second;
        state.counters["p50_us"] = latencies.quantile(0.5);
        state.counters["p99_us"] = latencies.quantile(0.99);
        state.counters["p999_us"] = latencies.quantile(0.999);
        state.SetIterationTime(latencies.quantile(0.5) / 1e6);
    });
}
