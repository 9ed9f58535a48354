// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What a contender took for one event, and what else there is to say of it.
struct turns_result {
    double seconds = 0; ///< of one event
    std::map<std::string, double> counters;
};

/// Contenders that work in turns: each does a part of its work, then the next one, so that a minute in which
/// the machine is slow is one for all of them. What each took is told as a benchmark of its own.
class contenders_in_turns {
public:
    /// `measure` does the whole work of all, and gives a result for each of the names.
    using measure = std::function<std::vector<turns_result>()>;

    static void add(std::vector<std::string> const& names, measure all) {
        auto const together = std::make_shared<contenders_in_turns>(names.size(), std::move(all));
        for (std::size_t which = 0; which < names.size(); ++which)
            benchmark::RegisterBenchmark(
                names[which].c_str(),
                [together, which](benchmark::State& state) {
                    for ([[maybe_unused]] auto _ : state)
                        together->tell(state, which);
                })
                ->Iterations(1)
                ->UseManualTime();
    }

    contenders_in_turns(std::size_t count, measure all) : measure_{std::move(all)}, results_(count) {}

private:
    void tell(benchmark::State& state, std::size_t which) {
        try {
            if (results_[which].empty())
                measure_all();
        } catch (std::exception const& failed) {
            state.SkipWithError(failed.what());
            return;
        }
        auto const result = results_[which].front();
        results_[which].pop_front();
        state.SetIterationTime(result.seconds);
        state.SetItemsProcessed(1);
        for (auto const& [name, value] : result.counters)
            state.counters[name] = value;
    }

    void measure_all() {
        auto measured = measure_();
        for (std::size_t each = 0; each < results_.size(); ++each)
            results_[each].push_back(std::move(measured.at(each)));
    }

    measure measure_;
    std::vector<std::deque<turns_result>> results_; // of each contender: those not told yet
};

/// A clock on which several parts of a work add up.
template <class Clock> class stop_watch {
public:
    explicit stop_watch(Clock clock) : clock_{std::move(clock)} {}

    template <class Work> void measure(Work&& work) {
        begin();
        std::forward<Work>(work)();
        end();
    }
    void begin() { begun_ = clock_(); }
    void end() { seconds_ += clock_() - begun_; }
    double seconds() const noexcept { return seconds_; }

private:
    Clock clock_;
    double begun_ = 0;
    double seconds_ = 0;
};
