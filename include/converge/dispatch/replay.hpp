// SPDX-License-Identifier: MIT
#pragma once

#include <converge/dispatch/step.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace converge {

/// An event of one of many instances that lie in an array: the instance's place, and the event's letter, with
/// the guards asked: `letter_of<Process>(event)`.
struct instance_letter {
    std::uint32_t instance = 0;
    std::uint32_t letter = 0;
};

/// Moves many instances by the events of a log, in its order: what `step` does with each, as fast as memory
/// allows. An instance is one byte a machine.
///
/// Precondition: each `instance` is less than the number of instances, each `letter` less than
/// `process_table_of<Process>.letter_count`. No heap, no exception. Different instances can be replayed on
/// different threads. Complexity: linear in the number of events; where an instance will be needed some
/// events later, it is fetched ahead, so that the wait for memory is shared by several.
template <convergent Process>
void replay(std::span<machine_states<Process>> instances, std::span<instance_letter const> log) noexcept {
    constexpr std::size_t ahead = 24; // cache misses under way; more than a core keeps is of no use
    std::size_t at = 0;
    if (log.size() > ahead)
        for (; at < log.size() - ahead; ++at) {
            __builtin_prefetch(&instances[log[at + ahead].instance], 1);
            take<Process>(instances[log[at].instance], process_letter{log[at].letter});
        }
    for (; at < log.size(); ++at)
        take<Process>(instances[log[at].instance], process_letter{log[at].letter});
}

} // namespace converge
