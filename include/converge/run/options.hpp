// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace converge {

/// How much of the wait before a retry is left to chance, so that what failed together does not come again
/// together.
enum class retry_jitter {
    none,  ///< the whole span
    equal, ///< half of it at least
    full,  ///< anything up to it
};

/// How a runner works.
struct runner_options {
    /// Events read of one module, and written in one transaction, at a time.
    std::size_t batch_size = 512;
    /// Instances whose state is kept in memory between batches. The others are read again when an event comes
    /// for them.
    std::size_t cached_instances = 65'536;
    /// How often `run` looks for new events when there were none, on a store that cannot wake it.
    std::chrono::milliseconds poll_interval{50};
    /// How long `run` sleeps at most on a store that wakes it (`awaitable_log`), when no deadline is due
    /// before.
    std::chrono::milliseconds longest_sleep{1'000};
    /// How often a command is handed to its handler before it is parked.
    std::uint32_t command_attempts = 5;
    /// The span of the wait before the second attempt; it doubles with each further one.
    std::chrono::milliseconds first_retry_after{10};
    /// Where the doubling ends.
    std::chrono::milliseconds longest_retry_after{60'000};
    /// How the wait is drawn from its span.
    retry_jitter jitter = retry_jitter::full;
    /// Waits are drawn from this, the command's id and the attempt, so that the same run waits the same.
    std::uint64_t retry_seed = 0;
    /// How many commands are handled at a time, never two of one instance. 1: by the thread that calls the
    /// runner. More: by as many threads of the runner's own, and the handler must be thread-safe; the store
    /// is still used by one thread.
    std::size_t concurrent_commands = 1;
    /// Commands in memory at most, about; what comes later waits in the log. A single instance has no more
    /// than a sixteenth of them, so that it does not hold up the others.
    std::size_t command_window = 1'024;
    /// The clock by which deadlines become due.
    std::function<timestamp()> now = [] {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    };
    /// The clock by which retries are timed. For `catch_up` and `run` to wait for a retry it has to move by
    /// itself.
    std::function<std::chrono::steady_clock::time_point()> steady_now = [] {
        return std::chrono::steady_clock::now();
    };
};

/// What a runner has done since it was made.
struct runner_counts {
    std::uint64_t events = 0;      ///< events of the process that were read
    std::uint64_t redelivered = 0; ///< of these: known already
    std::uint64_t unchanged = 0;   ///< of these: nothing to record
    std::uint64_t steps = 0;       ///< step records written
    std::uint64_t parked = 0;      ///< events and commands parked
    std::uint64_t commands = 0;    ///< commands handled
    std::uint64_t deadlines = 0;   ///< deadlines fired
    std::uint64_t conflicts = 0;   ///< batches begun again because another runner was faster
};

} // namespace converge
