// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/simulation_random.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace converge::testing {

/// What a simulation does to a process manager.
enum class simulated_fault {
    crash_before_call, ///< the worker dies, and what it asked of the store is not done
    crash_after_call,  ///< the worker dies, and it is done
    crash_between,     ///< the worker dies while others are at work
    failure_before,    ///< the store throws, and nothing is done
    failure_after,     ///< the store throws, and everything is done
    failure_between,   ///< the store throws, and a part of what has no transaction is done
    short_read,        ///< fewer events than there are
    stale_read,        ///< the log as it was a moment ago
    stale_lookup,      ///< the last event of a stream as it was a moment ago
    stale_cursor,      ///< a cursor's value of an earlier time, or none
    position_gap,      ///< numbers that are given to no event
    switched_worker,   ///< another worker is at work before this one's call returns
    lost_lease,        ///< the lock of a runner that is still at work is given to another; or a worker writes
                       ///< although its lease is lost
    forward_clock_jump, ///< the clock goes ahead, by up to a day
    back_clock_jump,    ///< the clock goes back, by up to a day
    restart,            ///< a worker is stopped, and a new one takes its place
    repeated_event,     ///< an event is appended again, with its id
    duplicated_event,   ///< an event is appended again, as another one
    unreadable_event,   ///< the codec refuses an event until it is cured
    failed_code,        ///< `disturbed()`: a predicate or `correlate` throws
    failed_handler,     ///< a handler throws now and then
    poison_command,     ///< a handler throws for a command until it is cured
    replay,             ///< parked items are replayed while others are at work
    count
};

inline constexpr std::size_t simulated_fault_count = static_cast<std::size_t>(simulated_fault::count);

/// The names of the faults, for people.
inline constexpr std::array<std::string_view, simulated_fault_count> simulated_fault_names{
    "crash before a call",
    "crash after a call",
    "crash between calls",
    "failure, not done",
    "failure, but done",
    "failure, done in part",
    "short read",
    "stale read",
    "stale lookup",
    "stale cursor",
    "gap of positions",
    "switch of worker",
    "lost lease",
    "clock forward",
    "clock back",
    "restart",
    "repeated event",
    "duplicated event",
    "unreadable event",
    "failed code",
    "failed handler",
    "poison command",
    "replay"};

/// How often each fault occurs: once in so many occasions, 0 for never.
class fault_rates {
public:
    std::uint32_t& operator[](simulated_fault of) { return rates_[static_cast<std::size_t>(of)]; }
    std::uint32_t operator[](simulated_fault of) const { return rates_[static_cast<std::size_t>(of)]; }

    /// Each fault is left out of about half of all schedules, for some bugs need that another fault does not
    /// cut their history short.
    ///
    /// Source: Groce, Zhang, Eide, Chen, Regehr, "Swarm testing" (ISSTA 2012).
    static fault_rates drawn(simulation_random& random) {
        constexpr std::array<std::uint32_t, 8> choices{0, 0, 0, 0, 4, 10, 25, 60};
        fault_rates made;
        for (std::size_t each = 0; each < simulated_fault_count; ++each)
            made.rates_[each] = choices[random.below(choices.size())];
        for (auto const rare :
             {simulated_fault::crash_before_call, simulated_fault::crash_after_call,
              simulated_fault::failure_before, simulated_fault::failure_after})
            made[rare] *= 3; // a worker makes about ten calls in a turn
        for (auto const seldom :
             {simulated_fault::crash_between, simulated_fault::restart, simulated_fault::forward_clock_jump,
              simulated_fault::back_clock_jump})
            if (made[seldom] != 0)
                made[seldom] = 2;
        return made;
    }

private:
    std::array<std::uint32_t, simulated_fault_count> rates_{};
};

/// How often each fault has occurred.
class fault_counts {
public:
    std::uint64_t& operator[](simulated_fault of) { return counts_[static_cast<std::size_t>(of)]; }
    std::uint64_t operator[](simulated_fault of) const { return counts_[static_cast<std::size_t>(of)]; }
    fault_counts& operator+=(fault_counts const& other) {
        for (std::size_t each = 0; each < simulated_fault_count; ++each)
            counts_[each] += other.counts_[each];
        return *this;
    }

private:
    std::array<std::uint64_t, simulated_fault_count> counts_{};
};

} // namespace converge::testing
