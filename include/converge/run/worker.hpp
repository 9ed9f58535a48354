// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/context.hpp>
#include <converge/run/process_version.hpp>
#include <converge/run/process_work.hpp>
#include <converge/run/runner_verdict.hpp>
#include <converge/run/sharing.hpp>
#include <converge/run/worker_leases.hpp>
#include <converge/run/worker_options.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace converge {

/// Runs a process together with other workers, in this program and in others, on this machine and on others,
/// all on one store. The instances are split into partitions by a hash of their keys. Each worker has a fair
/// share of the partitions, and does everything for the instances in them that a `runner` does for all.
///
/// Who has a partition says a record in the store, a *lease*, which the worker keeps by giving signs of life.
/// A worker that dies gives none, and after `lease_duration` the others take its partitions. One that was
/// only slow, or stopped, does no harm when it goes on: everything that it writes is fenced by the leases, so
/// on a store that checks fences (`fenced_log`) nothing of it is written; it drops what it has lost and goes
/// on with the rest. When a worker joins, the others give it its share, one partition after the other when
/// the commands in memory are done, and nobody stops.
///
/// `Handler`, `Codec` and `Observer` are as for a `runner`. A worker is used by one thread, and has a store
/// object of its own unless the store is thread-safe. Call `work` at least three times in each
/// `lease_duration`, or `run`, which does. It gives nothing back when it is destroyed: call `leave` before,
/// as `run` does when it is stopped, or the others wait until its lease has passed.
template <
    class Process, event_log Store, class Handler, class Codec = json_codec, class Observer = no_observer>
    requires cursor_store<Store> && record_store<Store>
class worker {
    static_assert(detail::worker_verdict<Process, Handler, Codec, Store>{});

public:
    /// Joins nobody yet; that is done by the first call of `work`. Throws `store_error`: `invalid_argument`
    /// when the process manager is split into another number of partitions, or an option is not allowed;
    /// `in_use` when a lone runner is at work; `process_changed` as a runner does.
    worker(
        Store& store, Handler handler, worker_options options = {}, Codec codec = {}, Observer observer = {})
        : store_{&store}, options_{valid(std::move(options))},
          context_{std::make_unique<context>(options_.running, std::move(observer), options_.partitions)},
          leases_{
              (prepare(store, options_.partitions), store),
              name_of<Process>,
              options_.worker,
              options_.partitions,
              options_.lease_duration,
              options_.running.steady_now,
              [store = &store, partitions = options_.partitions] {
                  detail::require_partitioning<Process>(*store, partitions);
                  detail::register_process<Process>(*store);
              }},
          work_{std::make_unique<work_type>(store, std::move(handler), codec, *context_)} {
        context_->trusted_until = leases_.trusted_until();
    }

    /// Joins, if it has not, and sees to its partitions when it is time; then one batch of events of each
    /// module, one of commands, and what deadlines are due. Whether there was anything to do. Throws
    /// `store_error`, `in_use` when another worker of this name has joined since; `process_changed` when it
    /// has to join and the instances were migrated to another declaration. What was written before is safe,
    /// and the call may be repeated.
    bool work(std::stop_token const& stop = {}) {
        try {
            bool busy = see_to_partitions();
            busy |= work_->work(stop);
            busy |= hand_over();
            return busy;
        } catch (store_error const& failed) {
            settle_loss(failed);
            return true;
        }
    }

    /// Works until nothing is left to do now for its partitions; waits for handlers that are running, and for
    /// commands that failed to be tried again.
    void catch_up(std::stop_token const& stop = {}) {
        while (!stop.stop_requested() && (work(stop) || work_->commands().wait(stop))) {
        }
        finish();
    }

    /// Works until a stop is requested, and leaves. When there is nothing to do it sleeps as a runner does,
    /// until it is time for a sign of life at most.
    void run(std::stop_token const& stop) {
        while (!stop.stop_requested())
            if (!work(stop))
                work_->sleep(longest_sleep(), stop);
        leave();
    }

    /// Waits for handlers that are running, writes what they did, and gives all partitions back, for the
    /// others to take at once. `work` joins again.
    void leave() {
        finish();
        bool const was_there = leases_.has_joined();
        std::vector<std::uint32_t> had;
        for (std::uint32_t each = 0; each < options_.partitions; ++each)
            if (leases_.holds(each)) {
                work_->lose(each); // everything is written
                had.push_back(each);
            }
        leaving_.clear();
        context_->trusted_until = time_point::min();
        leases_.leave();
        renew_fences();
        for (auto const each : had)
            tell(each, partition_change::given);
        if (was_there)
            context_->tell(worker_left{name_of<Process>, leases_.name()});
    }

    /// Events and commands that could not be handled, of all partitions, in the order in which they were
    /// parked.
    std::vector<parked_item> parked() const { return detail::parked_items<Process>(*store_); }

    /// Tries everything again that is parked and belongs to its partitions; how many items are handled now.
    /// The others stay parked, and those of other workers are left to them.
    std::size_t replay_parked(std::stop_token const& stop = {}) {
        for (;;)
            try {
                (void)see_to_partitions();
                return work_->replay(stop);
            } catch (store_error const& failed) {
                settle_loss(failed);
            }
    }

    runner_counts const& counts() const noexcept { return context_->counts; }
    Observer& observer() noexcept { return context_->observer; }
    std::string const& name() const noexcept { return leases_.name(); }

    /// The partitions that it has, and works for.
    std::vector<std::uint32_t> partitions() const {
        std::vector<std::uint32_t> all;
        for (std::uint32_t each = 0; each < options_.partitions; ++each)
            if (context_->partitions.holds(each))
                all.push_back(each);
        return all;
    }

private:
    using context = detail::runner_context<Observer>;
    using work_type = detail::process_work<Process, Store, Handler, Codec, context>;
    using time_point = std::chrono::steady_clock::time_point;

    static worker_options valid(worker_options options) {
        if (options.worker.empty())
            options.worker = to_string(random_event_id());
        detail::require_name("worker name", options.worker, detail::maximum_worker_name);
        if (options.worker.find('/') != std::string::npos)
            detail::refuse_name("worker name", options.worker, "has a '/'");
        if (options.lease_duration.count() <= 0)
            detail::refuse_argument(
                "a lease of " + std::to_string(options.lease_duration.count()) + " milliseconds");
        return options;
    }
    static void prepare(Store& store, std::uint32_t partitions) {
        detail::share_among_workers<Process>(store, partitions);
        detail::register_process<Process>(store);
    }

    /// Looks at the leases when it is time, and acts on what has changed. Whether it has begun or ended with
    /// a partition.
    bool see_to_partitions() {
        bool busy = act_on_changes(); // what a call that failed has left
        if (context_->options.steady_now() < leases_.next_look())
            return busy;
        bool const had_joined = leases_.has_joined();
        try {
            leases_.look([&](std::uint32_t partition) { return !work_->is_running(partition); });
        } catch (...) {
            forget_lost();
            renew_fences();
            throw;
        }
        renew_fences();
        if (!had_joined && leases_.has_joined())
            context_->tell(worker_joined{name_of<Process>, leases_.name()});
        return act_on_changes() || busy;
    }

    void renew_fences() {
        context_->leases = leases_.fences();
        context_->trusted_until = leases_.trusted_until();
    }

    bool act_on_changes() {
        bool busy = forget_lost();
        auto& changes = leases_.changes();
        for (; !changes.taken.empty(); changes.taken.pop_back()) {
            auto const partition = changes.taken.back();
            work_->take(partition);
            tell(partition, partition_change::taken);
            busy = true;
        }
        for (auto const partition : std::exchange(changes.surplus, {}))
            leaving_[partition].until = context_->options.steady_now() + options_.longest_hand_over;
        return busy;
    }

    bool forget_lost() {
        auto& lost = leases_.changes().lost;
        bool const any = !lost.empty();
        for (; !lost.empty(); lost.pop_back()) {
            work_->lose(lost.back());
            leaving_.erase(lost.back());
            tell(lost.back(), partition_change::lost);
        }
        return any;
    }

    /// Gives back the partitions that it has too many of, as soon as nothing of them is in memory; or, after
    /// a while, as soon as no handler is running. Whether there was one.
    bool hand_over() {
        bool any = false;
        for (auto each = leaving_.begin(); each != leaving_.end();) {
            auto& [partition, how] = *each;
            if (!how.begun) {
                work_->begin_to_give_up(partition);
                how.begun = true;
            }
            bool const waits = !work_->is_at_rest(partition) &&
                               (work_->is_running(partition) || context_->options.steady_now() < how.until);
            if (waits) {
                ++each;
                continue;
            }
            work_->give_up(partition);
            bool const was_mine = leases_.release(partition);
            renew_fences();
            tell(partition, was_mine ? partition_change::given : partition_change::lost);
            each = leaving_.erase(each);
            any = true;
        }
        return any;
    }

    /// After a call that failed, perhaps because others have taken what it had: finds out what it has lost,
    /// and forgets that. Where the store cannot check fences, one who has lost a partition may have moved a
    /// cursor after all: then it begins anew with what it has. Throws what the call threw if that was not
    /// why.
    void settle_loss(store_error const& failed) {
        bool const cursor_was_moved = failed.trouble() == store_trouble::in_use && !fenced_log<Store>;
        if (failed.trouble() != store_trouble::lease_lost && !cursor_was_moved)
            throw; // NOLINT(misc-throw-by-value-catch-by-reference): it is being handled
        bool const had_passed = !context_->may_act();
        leases_.hurry();
        bool const changed = see_to_partitions();
        if (changed || had_passed)
            return;
        if (!cursor_was_moved)
            throw;
        for (std::uint32_t each = 0; each < options_.partitions; ++each)
            if (leases_.holds(each)) {
                work_->lose(each);
                if (!leaving_.contains(each))
                    leases_.changes().taken.push_back(each);
            }
    }

    /// Writes what is done.
    void finish() {
        for (;;)
            try {
                work_->commands().finish();
                work_->events().save_cursors();
                return;
            } catch (store_error const& failed) {
                settle_loss(failed);
            }
    }

    std::chrono::nanoseconds longest_sleep() const {
        auto const now = context_->options.steady_now();
        auto until = leases_.next_look();
        for (auto const& [partition, how] : leaving_)
            until = std::min(until, how.until);
        return std::clamp<std::chrono::nanoseconds>(
            until - now, std::chrono::nanoseconds{0}, work_->longest_sleep());
    }

    void tell(std::uint32_t partition, partition_change what) {
        context_->tell(partition_changed{name_of<Process>, leases_.name(), partition, what});
    }

    struct hand_over_begun {
        time_point until;
        bool begun = false;
    };

    Store* store_;
    worker_options options_;
    std::unique_ptr<context> context_; // the work keeps its address, also when the worker is moved
    detail::worker_leases<Store> leases_;
    std::unique_ptr<work_type> work_;
    std::map<std::uint32_t, hand_over_begun> leaving_;
};

/// A worker whose types are deduced: `auto worker = converge::make_worker<order_process>(store, handler,
/// {.partitions = 64});`
template <class Process, class Store, class Handler, class Codec = json_codec, class Observer = no_observer>
    requires(detail::worker_verdict<Process, Handler, Codec, Store>::holds)
auto make_worker(
    Store& store, Handler handler, worker_options options = {}, Codec codec = {}, Observer observer = {}) {
    return worker<Process, Store, Handler, Codec, Observer>{
        store, std::move(handler), std::move(options), std::move(codec), std::move(observer)};
}

/// Chosen when the process cannot be run, or not on this store, and never defined: the compiler's one error
/// names the reason, on the line of the call.
template <class Process, class Store, class Handler, class Codec = json_codec, class Observer = no_observer>
    requires(!detail::worker_verdict<Process, Handler, Codec, Store>::holds)
process_cannot_run<detail::worker_verdict<Process, Handler, Codec, Store>> make_worker(
    Store& store, Handler handler, worker_options options = {}, Codec codec = {}, Observer observer = {});

} // namespace converge
