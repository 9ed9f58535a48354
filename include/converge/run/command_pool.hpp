// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_call.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace converge::detail {

/// Sleeps, but not longer than until a stop is requested.
inline void sleep_unless_stopped(std::stop_token const& stop, std::chrono::nanoseconds span) {
    std::mutex guard;
    std::condition_variable_any wake;
    std::unique_lock lock{guard};
    wake.wait_for(lock, stop, span, [] { return false; });
}

/// A call that is over.
struct finished_call {
    command_call call;
    command_outcome outcome;
};

/// Threads that call a handler. Its functions are for one thread, the runner's. The destructor waits for the
/// handlers that are running, and forgets the calls that were not begun.
class command_pool {
public:
    /// `handle` is called by several threads at a time, and must not throw.
    command_pool(std::size_t threads, std::function<command_outcome(command_call const&)> handle)
        : handle_{std::move(handle)}, threads_(threads) {
        for (auto& each : threads_)
            each = std::jthread{[this](std::stop_token const& stop) { work(stop); }};
    }

    /// How many calls are not taken back, neither finished nor unbegun. A few more than there are threads
    /// keep these busy.
    std::size_t in_hand() const noexcept { return in_hand_; }
    bool has_room() const noexcept { return in_hand_ < 2 * threads_.size(); }

    void submit(command_call call) {
        {
            std::scoped_lock const lock{guard_};
            calls_.push_back(std::move(call));
        }
        ++in_hand_;
        begin_.notify_one();
    }

    /// The calls that are over, in the order in which they ended.
    std::vector<finished_call> take_finished() {
        std::scoped_lock const lock{guard_};
        in_hand_ -= finished_.size();
        return std::exchange(finished_, {});
    }
    /// The calls that no thread has begun.
    std::deque<command_call> take_unbegun() {
        std::scoped_lock const lock{guard_};
        in_hand_ -= calls_.size();
        return std::exchange(calls_, {});
    }

    /// Waits until a call is over; not longer than a time, or until a stop is requested.
    void wait_for_one(std::chrono::nanoseconds longest, std::stop_token const& stop) {
        std::unique_lock lock{guard_};
        over_.wait_for(lock, stop, longest, [&] { return !finished_.empty(); });
    }
    /// Waits until the calls that were begun are over. Take back the others before.
    void wait_for_all() {
        std::unique_lock lock{guard_};
        over_.wait(lock, [&] { return finished_.size() == in_hand_; });
    }

    /// Requests a stop of `sleeper` when a call is over, at once if one is.
    void wake(std::stop_source sleeper) {
        std::scoped_lock const lock{guard_};
        if (!finished_.empty())
            sleeper.request_stop();
        sleeper_ = std::move(sleeper);
    }
    void wake_nobody() {
        std::scoped_lock const lock{guard_};
        sleeper_.reset();
    }

private:
    void work(std::stop_token const& stop) {
        std::unique_lock lock{guard_};
        while (begin_.wait(lock, stop, [&] { return !calls_.empty(); })) {
            if (stop.stop_requested())
                return;
            auto call = std::move(calls_.front());
            calls_.pop_front();
            lock.unlock();
            auto outcome = handle_(call);
            lock.lock();
            finished_.push_back({std::move(call), std::move(outcome)});
            if (sleeper_)
                sleeper_->request_stop();
            over_.notify_all();
        }
    }

    std::function<command_outcome(command_call const&)> handle_;
    std::mutex guard_;
    std::condition_variable_any begin_;
    std::condition_variable_any over_;
    std::deque<command_call> calls_;
    std::vector<finished_call> finished_;
    std::optional<std::stop_source> sleeper_;
    std::size_t in_hand_ = 0;           // of the runner's thread alone
    std::vector<std::jthread> threads_; // last: they end before the rest
};

} // namespace converge::detail
