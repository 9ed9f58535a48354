// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <fstream>
#include <memory>
#include <run/drain.hpp>
#include <run/places.hpp>
#include <run/throughput.hpp>
#include <run/workload.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

/// Workers that share the orders of one store, each with a store object and a thread of its own.
template <class Place> class worker_team {
public:
    worker_team(typename Place::store_type const& store, std::size_t size) {
        converge::worker_options options{
            .partitions = partitions, .lease_duration = std::chrono::seconds{20}};
        options.running = drain_options();
        for (std::size_t each = 0; each < size; ++each) {
            stores_.push_back(Place::same(store));
            workers_.push_back(std::make_unique<worker>(
                converge::make_worker<shop::order_process>(stores_.back(), does_nothing{}, options)));
        }
    }

    /// Until each has its share: a worker sees within a third of its lease that another one has come.
    void share_out() {
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        for (bool fair = false; !fair;) {
            fair = true;
            for (auto& each : workers_) {
                (void)each->work();
                fair = fair && each->partitions().size() == partitions / workers_.size();
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
            if (std::chrono::steady_clock::now() > end)
                throw std::runtime_error{"the workers do not share"};
        }
    }

    /// Until they have taken as many events, all together, and nobody has anything left to do. For how long a
    /// worker was ready and had no core, in seconds: what else the machine does is no part of the question.
    double work_on(std::size_t events) {
        std::vector<std::atomic<std::size_t>> taken(workers_.size());
        auto const all_taken = [&] {
            std::size_t sum = 0;
            for (auto const& each : taken)
                sum += each.load(std::memory_order_relaxed);
            return sum >= events;
        };
        std::atomic<double> without_a_core{0};
        {
            std::vector<std::jthread> threads;
            for (std::size_t each = 0; each < workers_.size(); ++each)
                threads.emplace_back([&, each] {
                    for (bool busy = true; busy || !all_taken();) {
                        busy = workers_[each]->work();
                        taken[each].store(workers_[each]->counts().events, std::memory_order_relaxed);
                    }
                    without_a_core += seconds_without_a_core();
                });
        }
        return without_a_core / static_cast<double>(workers_.size());
    }

private:
    /// Of this thread: the second number of /proc/thread-self/schedstat, in nanoseconds.
    static double seconds_without_a_core() {
        double running = 0;
        double waiting = 0;
        std::ifstream{"/proc/thread-self/schedstat"} >> running >> waiting;
        return waiting * 1e-9;
    }

    static constexpr std::uint32_t partitions = 32;
    using worker = decltype(converge::make_worker<shop::order_process>(
        std::declval<typename Place::store_type&>(), does_nothing{}, converge::worker_options{}));

    std::deque<typename Place::store_type> stores_; // their addresses are kept
    std::vector<std::unique_ptr<worker>> workers_;
};

/// For how long the cores of this machine have been busy, all together, whoever kept them so: a worker's
/// database too.
inline double seconds_of_all_cores() {
    std::string all;
    double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft_interrupts = 0;
    std::ifstream{"/proc/stat"} >> all >> user >> nice >> system >> idle >> waiting >> interrupts >>
        soft_interrupts;
    return (user + nice + system + interrupts + soft_interrupts) /
           static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// One worker, and two of them on the same number of orders: everything, commands too.
template <class Place> void add_workers(Place const& place, std::size_t orders) {
    for (auto const size : {std::size_t{1}, std::size_t{2}})
        add_run(
            std::string{"run/"} + Place::name + "_workers/" + (size == 1 ? "one" : "two"),
            [=](benchmark::State& state) {
                order_workload const workload{orders};
                auto store = place.store();
                worker_team<Place> team{store, size};
                team.share_out();
                publish_all(store, workload.events());
                double without_a_core = 0;
                auto const busy_before = seconds_of_all_cores();
                auto const seconds =
                    seconds_of([&] { without_a_core = team.work_on(workload.events().size()); });
                state.counters["busy_cores"] = (seconds_of_all_cores() - busy_before) / seconds;
                report_time_of_an_event(state, seconds, workload.events().size());
                state.counters["on_cores_ns"] =
                    (seconds - without_a_core) / static_cast<double>(workload.events().size()) * 1e9;
                require_same(checksum_of(store), workload.checksum());
            });
}
