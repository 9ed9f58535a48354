// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_window.hpp>
#include <converge/store/event.hpp>

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
/// At most so many steps, and as many runs. Not thread-safe.
class fresh_steps {
public:
    struct run {
        position first = 0;
        position last = 0;
        std::deque<commands_of_step> steps;
    };

    explicit fresh_steps(std::size_t capacity) : capacity_{capacity} {}

    /// Something without commands was written at a position. What does not lie behind all that was added is
    /// left to the log, here as with steps.
    void add(position at) {
        if (auto* const with = run_for(at))
            with->last = at;
    }
    /// A step was written, at `step.at`.
    void add(commands_of_step step) {
        if (!has_room())
            return;
        auto const at = step.at;
        if (auto* const with = run_for(at)) {
            with->steps.push_back(std::move(step));
            with->last = at; // not before, for a run has all its steps
            ++held_;
        }
    }
    bool has_room() const noexcept { return held_ < capacity_; }

    bool empty() const noexcept { return runs_.empty(); }
    /// Whether more than half of the room is taken, so that it is time to hand over.
    bool is_crowded() const noexcept { return held_ * 2 > capacity_; }

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
    }

private:
    /// The last run, which can be made to end with a position; null if it cannot.
    run* run_for(position at) {
        if (!runs_.empty() && at <= runs_.back().last)
            return nullptr;
        if (runs_.empty() || at != runs_.back().last + 1) {
            if (runs_.size() >= capacity_)
                return nullptr;
            runs_.push_back({at, at - 1, {}});
        }
        return &runs_.back();
    }

    std::size_t capacity_;
    std::size_t held_ = 0; // steps
    std::deque<run> runs_; // by position; between two of them there is something else
};

} // namespace converge::detail
