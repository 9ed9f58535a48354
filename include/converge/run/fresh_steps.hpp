// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_window.hpp>
#include <converge/store/event.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace converge::detail {

/// The commands of one step.
struct commands_of_step {
    std::string key; // of the instance
    converge::position at{};
    stream_version version{};
    std::vector<due_command> commands;
};

/// What a worker has just written to the log of its home module, so that it need not read it there: its steps
/// that have commands, by runs of positions all of which are its own. What lies between the runs is for the
/// log to tell, and so is what there was no room for: nothing rests on others not writing.
///
/// A worker whose writes are fenced knows more: nobody else writes steps of its partitions. So all of them
/// are here from the first one on that it has written since it last had a doubt (`complete_from`), and
/// nothing need be read between the runs.
///
/// At most `capacity` steps, and as many runs. Not thread-safe.
class fresh_steps {
public:
    struct run {
        position first = 0;
        position last = 0;
        std::deque<commands_of_step> steps;
    };

    /// It is crowded when there may be no room for a whole batch.
    fresh_steps(std::size_t capacity, std::size_t batch) : capacity_{capacity}, batch_{batch} {}

    /// Something without commands was written at a position. What does not lie behind all that was added is
    /// left to the log, here as with steps.
    void add(position at) {
        if (auto* const with = run_for(at))
            with->last = at;
    }
    /// A step was written, at `step.at`.
    void add(commands_of_step step) {
        auto const at = step.at;
        if (auto* const with = run_for(at)) {
            with->steps.push_back(std::move(step));
            with->last = at; // not before, for a run has all its steps
            ++held_;
        }
    }
    bool has_room() const noexcept { return held_ < capacity_; }

    /// Own steps may be, or come, in the log that are not here.
    void doubt() noexcept { complete_from_ = never; }
    /// From here on no own step is missing; `never` when there may be one behind all that is here.
    position complete_from() const noexcept { return complete_from_; }
    static constexpr position never = ~position{0};

    bool empty() const noexcept { return runs_.empty(); }
    /// Whether it is time to hand over.
    bool is_crowded() const noexcept { return capacity_ - held_ < batch_; }

    /// The first run that does not end before `next`, null if there is none. What lies before it is
    /// forgotten.
    run* find(position next) {
        while (!runs_.empty() && runs_.front().last < next) {
            held_ -= runs_.front().steps.size();
            runs_.pop_front();
        }
        return runs_.empty() ? nullptr : &runs_.front();
    }
    /// Forgets the first step of the first run.
    void forget_step() {
        runs_.front().steps.pop_front();
        --held_;
    }
    void clear() {
        runs_.clear();
        held_ = 0;
        doubt();
    }

private:
    /// The last run, which can be made to end with a position; null if it cannot. Without room for a step it
    /// cannot for others either, or single positions would be left of what has to be read.
    run* run_for(position at) {
        bool const goes_on = !runs_.empty() && at == runs_.back().last + 1;
        bool const is_behind = runs_.empty() || at > runs_.back().last;
        if (!is_behind || !has_room() || (!goes_on && runs_.size() >= capacity_)) {
            doubt();
            return nullptr;
        }
        if (!goes_on)
            runs_.push_back({at, at - 1, {}});
        complete_from_ = std::min(complete_from_, at);
        return &runs_.back();
    }

    std::size_t capacity_;
    std::size_t batch_;
    std::size_t held_ = 0; // steps
    position complete_from_ = never;
    std::deque<run> runs_; // by position; between two of them there is something else
};

} // namespace converge::detail
