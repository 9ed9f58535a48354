// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace converge::testing {

/// A clock that stands still until it is told to go on. Copies are the same clock, so it can be given to a
/// store and to a runner: `memory_store store{clock}; runner_options options{.now = clock};`
///
/// Thread-safe.
class fake_clock {
public:
    /// Starts on 1 January 2000, midnight UTC, so that a test sees the same times whenever it is run.
    explicit fake_clock(timestamp start = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1})
        : now_{std::make_shared<std::atomic<timestamp>>(start)} {}

    timestamp now() const noexcept { return now_->load(); }
    timestamp operator()() const noexcept { return now(); }

    /// Goes on by `span`. Throws `std::invalid_argument` when it is negative: nothing here is made for time
    /// that runs backwards.
    void advance(std::chrono::microseconds span) {
        if (span.count() < 0)
            throw std::invalid_argument{
                "the fake clock cannot go back, by " + std::to_string(-span.count()) + " microseconds"};
        auto before = now_->load();
        while (!now_->compare_exchange_weak(before, before + span)) {
        }
    }

private:
    std::shared_ptr<std::atomic<timestamp>> now_;
};

} // namespace converge::testing
