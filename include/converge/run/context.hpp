// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/observer.hpp>
#include <converge/run/options.hpp>
#include <converge/run/partitions.hpp>
#include <converge/store/error.hpp>
#include <converge/store/record.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace converge::detail {

/// What the parts of a runner share: its options, counts, partitions and observer. It keeps its address when
/// the runner is moved.
template <class Observer> struct runner_context {
    runner_options options;
    runner_counts counts;
    share partitions;
    /// Of a worker: what its writes are guarded by, and until when nobody takes its partitions by its own
    /// clock. A lone runner has neither.
    std::vector<fence> leases;
    std::chrono::steady_clock::time_point trusted_until = std::chrono::steady_clock::time_point::max();
    [[no_unique_address]] Observer observer;

    runner_context(runner_options chosen, Observer watching, std::uint32_t split_into = 1)
        : options{std::move(chosen)}, partitions{split_into}, observer{std::move(watching)} {}

    /// Whether it may still begin something for its partitions: asked just before.
    bool may_act() const {
        return trusted_until == std::chrono::steady_clock::time_point::max() ||
               options.steady_now() < trusted_until;
    }
    /// What goes with each write. Throws `store_error` (`lease_lost`) when others may have its partitions by
    /// its own clock: where the store cannot check fences, that is all there is.
    std::span<fence const> fences() const {
        if (!may_act())
            throw store_error{
                store_trouble::lease_lost, "the lease of this worker has passed by its own clock"};
        return leases;
    }

    template <class Happening> static constexpr bool is_observed = observes<Observer, Happening>;

    /// Tells the observer, if it wants to know.
    template <class Happening> void tell(Happening const& happened) {
        if constexpr (is_observed<Happening>)
            observer(happened);
    }
};

} // namespace converge::detail
