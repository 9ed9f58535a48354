// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/observer.hpp>
#include <converge/run/options.hpp>
#include <converge/run/partitions.hpp>

#include <utility>

namespace converge::detail {

/// What the parts of a runner share: its options, counts, partitions and observer. It keeps its address when
/// the runner is moved.
template <class Observer> struct runner_context {
    runner_options options;
    runner_counts counts;
    share partitions;
    [[no_unique_address]] Observer observer;

    runner_context(runner_options chosen, Observer watching)
        : options{std::move(chosen)}, partitions{1}, observer{std::move(watching)} {}

    template <class Happening> static constexpr bool is_observed = observes<Observer, Happening>;

    /// Tells the observer, if it wants to know.
    template <class Happening> void tell(Happening const& happened) {
        if constexpr (is_observed<Happening>)
            observer(happened);
    }
};

} // namespace converge::detail
