// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/context.hpp>
#include <converge/run/process_version.hpp>
#include <converge/run/process_work.hpp>
#include <converge/run/runner_verdict.hpp>
#include <converge/run/sharing.hpp>

#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

namespace converge {

/// Runs a process over the logs of a store: at-least-once reading, one step record for each event that
/// changes an instance, each effect once.
///
/// `Handler` takes each command of the process as `(Command const&)` or `(Command const&, auto& context)`;
/// see `command_context`. It may be called again with the same command after a crash. A handler that throws
/// is tried again as the options say; then the command is parked.
///
/// `Observer` is called with what happens, as far as it can take it: `(step_recorded const&)` and the others
/// of observer.hpp. What it does not take costs nothing. It must not throw.
///
/// A runner is used by one thread. It holds the process manager's lock on stores that have one
/// (`runner_lock_store`), and two runners on a store that has none are safe as well: the slower one of a step
/// begins again.
template <
    class Process, event_log Store, class Handler, class Codec = json_codec, class Observer = no_observer>
    requires cursor_store<Store>
class runner {
    static_assert(detail::can_run<Process, Handler, Codec>);

public:
    /// Throws `store_error`: `in_use` when another runner of the process manager is at work;
    /// `process_changed` when the instances in the store were made by another declaration of the process.
    runner(
        Store& store, Handler handler, runner_options options = {}, Codec codec = {}, Observer observer = {})
        : store_{&store}, context_{std::make_unique<context>(std::move(options), std::move(observer))},
          lock_{lock(store)}, registered_{store}, work_{store, std::move(handler), codec, *context_} {
        work_.take(0);
    }

    /// One batch of events of each module, one of commands, and what deadlines are due. Whether there was
    /// anything to do. Throws `store_error`; what was written before is safe, and the call may be repeated.
    /// Throws `process_changed` when the instances were migrated to another declaration meanwhile.
    bool work(std::stop_token const& stop = {}) {
        require_no_migration();
        return work_.work(stop);
    }

    /// Works until nothing is left to do now; waits for handlers that are running, and for commands that
    /// failed to be tried again.
    void catch_up(std::stop_token const& stop = {}) {
        while (!stop.stop_requested() && (work(stop) || work_.commands().wait(stop))) {
        }
        work_.commands().finish();
    }

    /// Works until a stop is requested. When there is nothing to do it sleeps until the store says that
    /// events were appended, where it can (`awaitable_log`), or looks for them at the interval of the
    /// options.
    void run(std::stop_token const& stop) {
        while (!stop.stop_requested())
            if (!work(stop))
                work_.sleep(work_.longest_sleep(), stop);
        work_.commands().finish();
    }

    /// Events and commands that could not be handled, in the order in which they were parked.
    std::vector<parked_item> parked() const { return detail::parked_items<Process>(*store_); }

    /// Tries everything that is parked again; how many items are handled now. The others stay parked.
    std::size_t replay_parked(std::stop_token const& stop = {}) {
        require_no_migration();
        return work_.replay(stop);
    }

    runner_counts const& counts() const noexcept { return context_->counts; }
    Observer& observer() noexcept { return context_->observer; }

    /// Of each module of `modules_of<Process>`: the last position handled.
    auto cursors() const noexcept { return work_.events().reached(); }

private:
    using context = detail::runner_context<Observer>;

    static auto lock(Store& store) {
        auto held = detail::lock_runner_if_possible(store, name_of<Process>);
        if constexpr (record_store<Store>)
            detail::require_unshared<Process>(store);
        return held;
    }

    void require_no_migration() {
        if constexpr (!runner_lock_store<Store>) // else the lock keeps migrations away
            registered_.require_still();
    }

    Store* store_;
    std::unique_ptr<context> context_; // the work keeps its address, also when the runner is moved
    decltype(lock(std::declval<Store&>())) lock_;
    detail::process_registration<Process, Store> registered_;
    detail::process_work<Process, Store, Handler, Codec, context> work_;
};

/// A runner whose types are deduced: `auto runner = converge::make_runner<order_process>(store, handler);`
template <class Process, class Store, class Handler, class Codec = json_codec, class Observer = no_observer>
    requires(detail::runner_verdict<Process, Handler, Codec>::holds)
auto make_runner(
    Store& store, Handler handler, runner_options options = {}, Codec codec = {}, Observer observer = {}) {
    return runner<Process, Store, Handler, Codec, Observer>{
        store, std::move(handler), std::move(options), std::move(codec), std::move(observer)};
}

/// Chosen when the process cannot be run, and never defined: the compiler's one error names the reason, on
/// the line of the call.
template <class Process, class Store, class Handler, class Codec = json_codec, class Observer = no_observer>
    requires(!detail::runner_verdict<Process, Handler, Codec>::holds)
process_cannot_run<detail::runner_verdict<Process, Handler, Codec>> make_runner(
    Store& store, Handler handler, runner_options options = {}, Codec codec = {}, Observer observer = {});

} // namespace converge
