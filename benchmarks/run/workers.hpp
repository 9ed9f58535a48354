// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <fstream>
#include <in_turns.hpp>
#include <memory>
#include <run/drain.hpp>
#include <run/places.hpp>
#include <run/workload.hpp>
#include <span>
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

    /// Until they have taken as many events since the beginning, all together, and nobody has anything left
    /// to do. For how long a worker was ready and had no core, in seconds: what else the machine does is no
    /// part of the question.
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
                        if (!busy) // as `run` does: the others are not to be disturbed
                            std::this_thread::sleep_for(std::chrono::microseconds{200});
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

/// The events of a number of orders, in a store of their own, for a team of workers. They are published and
/// worked off part by part.
template <class Place> class shared_orders {
public:
    shared_orders(Place const& place, std::size_t orders, std::size_t workers)
        : workload_{orders}, store_{place.store()}, team_{store_, workers} {
        team_.share_out();
    }
    std::size_t events() const { return workload_.events().size(); }
    void publish(std::size_t part, std::size_t parts) {
        auto const end = events() * (part + 1) / parts;
        publish_all(store_, std::span{workload_.events()}.subspan(published_, end - published_));
        published_ = end;
    }
    double work() { return team_.work_on(published_); }
    void require_done() { require_same(checksum_of(store_), workload_.checksum()); }

private:
    order_workload workload_;
    typename Place::store_type store_;
    worker_team<Place> team_;
    std::size_t published_ = 0;
};

/// Teams that work at the same time, each on its own orders: everything, commands too.
template <class Place> class teams_at_work {
public:
    teams_at_work(Place const& place, std::size_t teams, std::size_t workers, std::size_t orders) {
        for (std::size_t each = 0; each < teams; ++each)
            events_ += orders_.emplace_back(place, orders / teams, workers).events();
    }

    void work_on(std::size_t part, std::size_t parts) {
        for (auto& each : orders_)
            each.publish(part, parts);
        std::atomic<double> without_a_core = 0;
        auto const busy_before = seconds_of_all_cores();
        seconds_ += seconds_of([&] {
            std::vector<std::jthread> threads;
            for (auto& each : orders_)
                threads.emplace_back([&] { without_a_core += each.work(); });
        });
        busy_ += seconds_of_all_cores() - busy_before;
        without_a_core_ += without_a_core / static_cast<double>(orders_.size());
    }

    turns_result result() {
        for (auto& each : orders_)
            each.require_done();
        auto const events = static_cast<double>(events_);
        return {
            seconds_ / events,
            {{"busy_cores", busy_ / seconds_}, {"on_cores_ns", (seconds_ - without_a_core_) / events * 1e9}}};
    }

private:
    std::deque<shared_orders<Place>> orders_;
    std::size_t events_ = 0;
    double seconds_ = 0;
    double busy_ = 0;
    double without_a_core_ = 0;
};

/// In turns: one worker; two of them that share as many orders; and two that share nothing, each with a store
/// and half of the orders: more than that the machine does not allow.
template <class Place> void add_workers(Place const& place, std::size_t orders, std::size_t parts) {
    std::string const prefix = std::string{"run/"} + Place::name + "_workers/";
    contenders_in_turns::add({prefix + "one", prefix + "two", prefix + "two_apart"}, [=] {
        std::array<teams_at_work<Place>, 3> all{
            teams_at_work{place, 1, 1, orders}, teams_at_work{place, 1, 2, orders},
            teams_at_work{place, 2, 1, orders}};
        for (std::size_t part = 0; part < parts; ++part)
            for (std::size_t turn = 0; turn < all.size(); ++turn)
                all[(part + turn) % all.size()].work_on(part, parts);
        std::vector<turns_result> results;
        for (auto& each : all)
            results.push_back(each.result());
        return results;
    });
}
