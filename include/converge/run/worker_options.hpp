// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/options.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace converge {

/// How a worker shares a process manager with others.
struct worker_options {
    /// Into how many partitions the instances are split: the same for all workers of a process manager, and
    /// the most of them that can be of use. 1 to 4,096. See `repartition`.
    std::uint32_t partitions = 32;
    /// The worker's name, its own among all workers: 1 to 255 bytes of UTF-8 without NUL and '/'. Of two
    /// workers with one name the later one stays, and the other throws `in_use`. Empty: a random one.
    std::string worker{};
    /// How long the others wait for a sign of life before they take the partitions of this worker. It gives
    /// one three times as often. The longer, the longer the instances of a worker that has died stand still;
    /// but a worker that cannot give a sign for so long, as its handler takes too long in the thread of the
    /// worker (`concurrent_commands` is 1), loses its partitions, and what it did in vain is done again.
    std::chrono::milliseconds lease_duration{10'000};
    /// How long a partition that is to be given to another worker waits for the commands that are in memory,
    /// and their retries. The handlers that are running are waited for in any case.
    std::chrono::milliseconds longest_hand_over{30'000};
    /// How it works on its partitions. `steady_now` is the clock of the leases too.
    runner_options running{};
};

} // namespace converge
