// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_call.hpp>
#include <converge/run/command_pool.hpp>
#include <converge/run/command_reader.hpp>
#include <converge/run/command_window.hpp>
#include <converge/run/context.hpp>
#include <converge/run/outbox.hpp>
#include <converge/run/parked_commands.hpp>
#include <converge/run/parking.hpp>
#include <converge/run/retry.hpp>
#include <converge/run/step_record.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// Reads the steps of a process and hands their commands to the user's handler, those of one instance one
/// after the other. What a handler has appended is written together with the cursors that can move: a cursor
/// stays before the oldest step with a command that is not done.
template <class Process, class Store, class Handler, class Codec, class Context> class command_worker {
public:
    static constexpr std::string_view home = home_of<Process>::module_name;

    command_worker(Store& store, Handler handler, Codec codec, Context& context)
        : store_{&store}, context_{&context},
          call_{std::make_unique<caller>(std::move(handler), std::move(codec))},
          window_{context.options.command_window}, reader_{store, context},
          done_{reader_.name(), home, context.partitions.partitions()} {
        if (context.options.concurrent_commands > 1)
            pool_ = std::make_unique<command_pool>(
                context.options.concurrent_commands,
                [call = call_.get()](command_call const& each) { return (*call)(each); });
    }

    /// Begins with the instances of a partition, from its saved cursor.
    void take(std::uint32_t partition) {
        parked_.load<Process>(*store_, context_->partitions, partition);
        reader_.take(partition);
        done_.take(*store_, partition);
        done_.set(partition, reader_.reached(partition));
    }
    /// Hands over what is in memory of a partition, and no more.
    void stop_reading(std::uint32_t partition) { reader_.give_up(partition); }
    /// Whether nothing of a partition is in memory; whether a handler has a command of it.
    bool is_at_rest(std::uint32_t partition) const { return !window_.has(partition); }
    bool is_running(std::uint32_t partition) const { return window_.is_running(partition); }
    /// Another worker may hand over the commands of a partition when this returns: what was done is written.
    /// None of them may be running.
    void give_up(std::uint32_t partition) {
        (void)write();
        save_cursors();
        lose(partition);
    }
    /// Another worker has a partition: what is not written of it is forgotten, also what handlers do that are
    /// running.
    void lose(std::uint32_t partition) {
        take_back_unbegun();
        outbox_.drop(partition);
        window_.drop(partition);
        parked_.drop(context_->partitions, partition);
        reader_.give_up(partition);
        done_.give_up(partition);
    }

    /// Takes steps that this worker has written, so that they need not be read.
    fresh_steps& fresh() noexcept { return reader_.fresh(); }

    /// Reads what there is room for, and hands over what may be handed over now, for a tenth of a second or
    /// one batch, and more of them as long as there is something that this worker has just written. Whether
    /// there was anything to do. When a stop is requested it begins no further command, and waits for those
    /// that are in a handler's hands.
    bool work(std::stop_token const& stop) {
        bool busy = write(); // what a write that failed has left
        auto const until = context_->options.steady_now() + longest_turn;
        for (bool goes_on = true; goes_on;) {
            if (!stop.stop_requested())
                busy |= reader_.read_into(window_, parked_);
            bool const handed = pool_ ? hand_to_pool(stop) : hand_over(stop, until);
            busy |= handed;
            busy |= write();
            goes_on = handed && !pool_ && !fresh().empty() && context_->options.steady_now() < until;
        }
        if (!busy)
            save_cursors();
        return busy;
    }

    /// Whether a command is running or waits for its retry: then waits until one is over or may be tried
    /// again, a stop is requested, or a tenth of a second has passed.
    bool wait(std::stop_token const& stop) {
        auto const longest = until_retry(std::chrono::milliseconds{100});
        if (pool_ && pool_->in_hand() != 0)
            pool_->wait_for_one(longest, stop);
        else if (window_.next_retry())
            sleep_unless_stopped(stop, longest);
        else
            return false;
        return true;
    }

    /// Waits for the handlers that are running. Nothing is written.
    void finish_running() {
        if (!pool_)
            return;
        take_back_unbegun();
        pool_->wait_for_all();
        settle_finished();
    }
    /// The same, and writes what they have done.
    void finish() {
        finish_running();
        (void)write();
        save_cursors();
    }

    /// The time until a command may be tried again, `longest` at most.
    std::chrono::nanoseconds until_retry(std::chrono::nanoseconds longest) const {
        if (auto const at = window_.next_retry())
            longest = std::clamp<std::chrono::nanoseconds>(
                *at - context_->options.steady_now(), std::chrono::nanoseconds{0}, longest);
        return longest;
    }

    /// A stop of `sleeper` is requested when a handler has returned, until `wake_nobody`.
    void wake(std::stop_source const& sleeper) {
        if (pool_)
            pool_->wake(sleeper);
    }
    void wake_nobody() {
        if (pool_)
            pool_->wake_nobody();
    }

    /// Tries a parked command again, in the caller's thread. Whether it is handled now; if not, it stays
    /// parked.
    bool replay(parked_item const& item, std::stop_token const& stop) {
        finish_running(); // never two of one instance
        (void)write();
        auto const found = reader_.find(item);
        if (!found || !context_->partitions.holds(context_->partitions.partition_of(found->key)))
            return false;
        auto outcome = try_repeatedly(found->key, found->due, stop);
        if (outcome.came_to != command_outcome::kind::handled)
            return false;
        outbox out;
        add_appends(outcome, out, 0);
        if constexpr (!atomic_batch_log<Store>) { // what says that it is done comes after what is done
            (void)out.write(*store_, {}, context_->fences());
            out.clear();
        }
        out.add(
            home, parking_stream<Process>(), expected_version::any(),
            parking_record<Process>(unparked_event_name, item));
        (void)out.write(*store_, {}, context_->fences());
        parked_.remove(found->key, found->due.place);
        ++context_->counts.commands;
        context_->tell(item_replayed{name_of<Process>, item.kind, item.module, item.position, item.name});
        return true;
    }

private:
    using caller = command_caller<Process, Handler, Codec, Context::template is_observed<command_handled>>;

    command_call call_for(command_lane& lane) const {
        auto const& due = lane.commands.front();
        return {&lane, &due, origin_of(lane.key, due), lane.attempts + 1};
    }
    command_origin origin_of(std::string_view key, due_command const& due) const {
        command_origin origin;
        origin.process = name_of<Process>;
        origin.instance = key;
        origin.module = due.module;
        origin.position = due.position;
        origin.place = due.place;
        origin.passed_over = parked_.before(key, due.place);
        return origin;
    }

    /// Calls the handler in this thread.
    bool hand_over(std::stop_token const& stop, std::chrono::steady_clock::time_point until) {
        std::size_t number = 0;
        while (number < context_->options.batch_size && !stop.stop_requested() && context_->may_act()) {
            auto const now = context_->options.steady_now();
            if (number != 0 && now >= until)
                break;
            auto* const lane = window_.next(now);
            if (lane == nullptr)
                break;
            ++number;
            auto const call = call_for(*lane);
            settle(call, (*call_)(call));
        }
        return number != 0;
    }

    bool hand_to_pool(std::stop_token const& stop) {
        if (stop.stop_requested()) {
            finish_running();
            return false;
        }
        bool busy = settle_finished();
        while (pool_->has_room() && context_->may_act()) {
            auto* const lane = window_.next(context_->options.steady_now());
            if (lane == nullptr)
                break;
            pool_->submit(call_for(*lane));
            busy = true;
        }
        return busy;
    }
    void take_back_unbegun() {
        if (!pool_)
            return;
        for (auto& each : pool_->take_unbegun())
            if (!window_.forget_abandoned(*each.lane))
                window_.give_back(*each.lane);
    }
    bool settle_finished() {
        auto finished = pool_->take_finished();
        for (auto& each : finished)
            settle(each.call, std::move(each.outcome));
        return !finished.empty();
    }

    void settle(command_call const& call, command_outcome outcome) {
        if (window_.forget_abandoned(*call.lane))
            return;
        auto const& due = *call.due;
        auto const& options = context_->options;
        if (outcome.came_to == command_outcome::kind::handled) {
            add_appends(outcome, outbox_, call.lane->partition);
            ++context_->counts.commands;
            context_->tell(command_handled{
                name_of<Process>, call.lane->key, due.command.name, due.command.id, call.attempt,
                outcome.took});
            ++unsaved_;
            return window_.finish(*call.lane, false);
        }
        ++call.lane->attempts;
        if (outcome.came_to == command_outcome::kind::refused ||
            call.lane->attempts >= options.command_attempts) {
            park(*call.lane, due, std::move(outcome.reason));
            // The next one may not overtake it before it is written that this one is parked.
            return window_.finish(*call.lane, true);
        }
        auto const delay = retry_delay(options, due.command.id, call.lane->attempts);
        context_->tell(command_failed{
            name_of<Process>, call.lane->key, due.command.name, due.command.id, call.attempt, outcome.reason,
            delay});
        window_.retry(*call.lane, options.steady_now() + delay);
    }

    /// Calls the handler as often as the options allow, in this thread. Throws `store_error` (`lease_lost`)
    /// when another worker may have the instance.
    command_outcome
    try_repeatedly(std::string_view key, due_command const& due, std::stop_token const& stop) {
        auto const& options = context_->options;
        command_call call{nullptr, &due, origin_of(key, due), 1};
        for (;; ++call.attempt) {
            (void)context_->fences();
            auto outcome = (*call_)(call);
            if (outcome.came_to == command_outcome::kind::handled)
                context_->tell(command_handled{
                    name_of<Process>, key, due.command.name, due.command.id, call.attempt, outcome.took});
            if (outcome.came_to != command_outcome::kind::thrown || call.attempt >= options.command_attempts)
                return outcome;
            auto const delay = retry_delay(options, due.command.id, call.attempt);
            context_->tell(command_failed{
                name_of<Process>, key, due.command.name, due.command.id, call.attempt, outcome.reason,
                delay});
            sleep_unless_stopped(stop, delay);
            if (stop.stop_requested())
                return outcome;
        }
    }

    void park(command_lane const& lane, due_command const& due, std::string reason) {
        parked_item item{"command",       std::string{home}, due.place.step,
                         due.place.index, due.command.name,  std::move(reason)};
        context_->tell(
            item_parked{name_of<Process>, item.kind, item.module, item.position, item.name, item.reason});
        outbox_.add(
            home, parking_stream<Process>(), expected_version::any(),
            parking_record<Process>(parked_event_name, std::move(item)), lane.partition);
        ++context_->counts.parked;
        ++unsaved_;
        parked_.add(lane.key, due.place);
    }

    static void add_appends(command_outcome& outcome, outbox& out, std::uint32_t partition) {
        for (auto& each : outcome.appends)
            out.add(
                each.module, std::move(each.stream), expected_version::any(), std::move(each.event),
                partition);
    }

    /// Writes what is done, and the cursors that can move. If it fails, the next call tries again.
    bool write() {
        if (unsaved_ == 0)
            return false;
        collect_cursors();
        (void)outbox_.write(*store_, moved_, context_->fences());
        done_.note_saved();
        outbox_.clear();
        unsaved_ = 0;
        window_.release_held();
        return true;
    }
    /// Saves cursors that moved over steps without commands. Losing them would cost rereading.
    void save_cursors() {
        collect_cursors();
        if (moved_.empty())
            return;
        save_cursors_fenced(*store_, moved_, context_->fences());
        done_.note_saved();
    }
    void collect_cursors() {
        auto const partitions = context_->partitions.partitions();
        through_.resize(partitions);
        for (std::uint32_t each = 0; each < partitions; ++each)
            through_[each] = reader_.reached(each);
        window_.limit_to_finished(through_);
        for (std::uint32_t each = 0; each < partitions; ++each)
            done_.set(each, through_[each]);
        moved_.clear();
        done_.add_unsaved(moved_);
    }

    static constexpr std::chrono::milliseconds longest_turn{100};

    Store* store_;
    Context* context_;
    std::unique_ptr<caller> call_; // threads keep its address
    command_window window_;
    parked_commands parked_;
    command_reader<Process, Store, Context> reader_;
    partition_cursors done_; // through here everything is done
    outbox outbox_;
    std::size_t unsaved_ = 0; // commands done and not written
    std::vector<position> through_;
    std::vector<cursor> moved_;
    std::unique_ptr<command_pool> pool_; // last: its threads end before the rest
};

} // namespace converge::detail
