// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <boost/mp11/list.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

namespace converge {

// What a runner tells its observer. The views are valid only during the call; all text is UTF-8.

/// A batch of a module was read and handled. `head - through` is how far the process manager lags behind; the
/// head is asked of the store only for an observer of this type.
struct batch_handled {
    std::string_view process;
    std::string_view module;
    position through{};        ///< everything up to here is handled
    position head{};           ///< last position of the module's log
    std::size_t events = 0;    ///< of the process, in this batch
    std::size_t steps = 0;     ///< recorded for them
    std::size_t conflicts = 0; ///< how often another worker was faster, and the batch began again
};

/// A step was recorded: an event changed an instance.
struct step_recorded {
    std::string_view process;
    std::string_view key;
    std::string_view module; ///< of the event
    converge::position position{};
    std::string_view event; ///< wire name
    timestamp event_recorded_at{};
    stream_version step{};     ///< the how manieth of the instance
    std::size_t commands = 0;  ///< that it asks for
    std::size_t deadlines = 0; ///< that the instance waits for from now on
};

/// A handler has returned: the command is handled.
struct command_handled {
    std::string_view process;
    std::string_view key;
    std::string_view command; ///< wire name
    event_id id{};
    std::uint32_t attempt = 1;
    std::chrono::nanoseconds took{};
};

/// A handler threw: the command will be tried again.
struct command_failed {
    std::string_view process;
    std::string_view key;
    std::string_view command; ///< wire name
    event_id id{};
    std::uint32_t attempt = 1;
    std::string_view reason;
    std::chrono::nanoseconds retry_after{};
};

/// An event or a command could not be handled, or a deadline not be migrated, and is parked.
struct item_parked {
    std::string_view process;
    std::string_view kind; ///< "event", "command" or "deadline"
    std::string_view module;
    converge::position position{};
    std::string_view name;
    std::string_view reason;
};

/// A parked item was handled after all.
struct item_replayed {
    std::string_view process;
    std::string_view kind;
    std::string_view module;
    converge::position position{};
    std::string_view name;
};

/// The event of a deadline was appended.
struct deadline_fired {
    std::string_view process;
    std::string_view key;
    std::string_view event; ///< wire name
    timestamp due{};
    timestamp at{};
};

/// A worker has joined those that share the process manager; again, if it was taken for dead.
struct worker_joined {
    std::string_view process;
    std::string_view worker; ///< its name
};

/// A worker has given everything back, and is no longer one of them.
struct worker_left {
    std::string_view process;
    std::string_view worker;
};

/// What has become of a partition of the instances.
enum class partition_change {
    taken, ///< this worker has it now
    given, ///< it has given it back, for another one, or because it leaves
    lost   ///< its lease has passed, and another one may have it
};

/// This worker now has a partition of the instances, or has it no more.
struct partition_changed {
    std::string_view process;
    std::string_view worker;
    std::uint32_t partition{};
    partition_change what{};
};

/// An instance was migrated to another declaration of its process: a step says so.
struct instance_migrated {
    std::string_view process;
    std::string_view key;
    std::string_view from;    ///< fingerprint of the declaration, 16 hexadecimal digits
    std::string_view to;      ///< of the new one
    stream_version step{};    ///< the how manieth of the instance
    std::size_t commands = 0; ///< that the new declaration asks for beyond the old one
};

/// Every instance of a process manager was migrated.
struct process_migrated {
    std::string_view process;
    std::string_view from;     ///< fingerprint of the declaration, 16 hexadecimal digits
    std::string_view to;       ///< of the new one
    std::size_t instances = 0; ///< that this call has migrated
};

/// All of these, for whoever writes an observer and wants to be sure that it misses none.
using happenings = boost::mp11::mp_list<
    batch_handled, step_recorded, command_handled, command_failed, item_parked, item_replayed, deadline_fired,
    worker_joined, worker_left, partition_changed, instance_migrated, process_migrated>;

/// Watches nothing, and costs nothing.
struct no_observer {};

namespace detail {

/// Whether an observer wants to know of this.
template <class Observer, class Happening>
concept observes = std::invocable<Observer&, Happening const&>;

} // namespace detail

/// Several observers as one: each is told what it can take, in their order. What none of them takes costs
/// nothing. Observers that live elsewhere come as `std::ref`.
template <class... Observers> struct observers {
    std::tuple<Observers...> each;

    explicit observers(Observers... watching) : each{std::move(watching)...} {}

    template <class Happening>
        requires(detail::observes<Observers, Happening> || ...)
    void operator()(Happening const& happened) {
        std::apply([&](auto&... one) { (tell(one, happened), ...); }, each);
    }

private:
    template <class Observer, class Happening>
    static void tell(Observer& observer, Happening const& happened) {
        if constexpr (detail::observes<Observer, Happening>)
            observer(happened);
    }
};

} // namespace converge
