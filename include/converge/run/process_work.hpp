// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_worker.hpp>
#include <converge/run/context.hpp>
#include <converge/run/deadline_worker.hpp>
#include <converge/run/event_worker.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <utility>

namespace converge::detail {

/// Everything that a process manager does for the partitions that it has: events, commands, deadlines. The
/// context outlives it, and keeps its address.
template <class Process, class Store, class Handler, class Codec, class Context> class process_work {
public:
    process_work(Store& store, Handler handler, Codec const& codec, Context& context)
        : store_{&store}, context_{&context}, events_{store, codec, context},
          commands_{store, std::move(handler), codec, context}, deadlines_{store, codec, context} {}

    /// Begins with a partition. When it throws it may be called again.
    void take(std::uint32_t partition) {
        events_.take(partition);
        commands_.take(partition);
        deadlines_.take(partition);
        context_->partitions.take(partition);
    }
    /// Begins to give up a partition: nothing new is begun for it. When it throws it may be called again.
    void begin_to_give_up(std::uint32_t partition) {
        events_.save_cursors();
        context_->partitions.give_up(partition);
        events_.give_up(partition);
        commands_.stop_reading(partition);
        deadlines_.give_up(partition);
    }
    /// Whether all commands of such a partition are over that are in memory; whether some are running.
    bool is_at_rest(std::uint32_t partition) const { return commands_.is_at_rest(partition); }
    bool is_running(std::uint32_t partition) const { return commands_.is_running(partition); }
    /// Writes what was done for a partition of which nothing is running, and forgets it.
    void give_up(std::uint32_t partition) { commands_.give_up(partition); }
    /// Forgets a partition that another worker has.
    void lose(std::uint32_t partition) {
        context_->partitions.give_up(partition);
        events_.give_up(partition);
        commands_.lose(partition);
        deadlines_.give_up(partition);
    }

    /// One batch of events of each module, one of commands, and what deadlines are due. Whether there was
    /// anything to do.
    bool work(std::stop_token const& stop) {
        bool busy = events_.work(commands_.fresh(), [&] {
            if (commands_.fresh().is_crowded())
                (void)commands_.work(stop);
        });
        busy |= commands_.work(stop);
        busy |= deadlines_.work();
        return busy;
    }

    /// Sleeps until there may be something to do: an event, a handler that has returned, a retry, a deadline;
    /// `longest` at most.
    void sleep(std::chrono::nanoseconds longest, std::stop_token const& stop) {
        std::stop_source woken;
        std::stop_callback const forward{stop, [&] { woken.request_stop(); }};
        commands_.wake(woken);
        sleep_until_woken(longest, woken.get_token());
        commands_.wake_nobody();
    }
    /// How long `run` sleeps at most.
    std::chrono::nanoseconds longest_sleep() const {
        return awaitable_log<Store> ? context_->options.longest_sleep : context_->options.poll_interval;
    }

    event_worker<Process, Store, Codec, Context>& events() noexcept { return events_; }
    event_worker<Process, Store, Codec, Context> const& events() const noexcept { return events_; }
    command_worker<Process, Store, Handler, Codec, Context>& commands() noexcept { return commands_; }

    /// Tries everything that is parked again, as far as it is of its partitions; how many items are handled
    /// now.
    std::size_t replay(std::stop_token const& stop) {
        std::size_t handled = 0;
        for (auto const& item : parked_items<Process>(*store_))
            handled += (item.kind == "command" ? commands_.replay(item, stop)
                                               : events_.replay(item, commands_.fresh()))
                           ? 1U
                           : 0U;
        return handled;
    }

private:
    void sleep_until_woken(std::chrono::nanoseconds longest, std::stop_token const& woken) {
        auto const until = std::chrono::steady_clock::now() + longest;
        while (!woken.stop_requested()) {
            std::chrono::nanoseconds span = until - std::chrono::steady_clock::now();
            if (span.count() > 0)
                span = deadlines_.until_due(commands_.until_retry(span));
            if (span.count() <= 0)
                return;
            if constexpr (awaitable_log<Store>) {
                if (!context_->partitions.empty()) {
                    auto const rounded = std::chrono::ceil<std::chrono::milliseconds>(span);
                    if (store_->wait_for_events(events_.seen(), rounded, woken))
                        return;
                    continue;
                }
            }
            sleep_unless_stopped(woken, span);
        }
    }

    Store* store_;
    Context* context_;
    event_worker<Process, Store, Codec, Context> events_;
    command_worker<Process, Store, Handler, Codec, Context> commands_;
    deadline_worker<Process, Store, Codec, Context> deadlines_;
};

} // namespace converge::detail
