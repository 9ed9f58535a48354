// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <run/order_process.hpp>
#include <stdexcept>
#include <string>

/// Events in each transaction, of all contenders that have any.
inline constexpr std::size_t batch_size = 1'024;

inline converge::runner_options drain_options() { return {.batch_size = batch_size}; }

/// From the log to the steps: what a runner does for events, without what it then does for commands.
/// `after_batch` is called after each batch of each module.
template <class Store, class AfterBatch> void drain_to_steps(Store& store, AfterBatch after_batch) {
    using context = converge::detail::runner_context<converge::no_observer>;
    context shared{drain_options(), {}};
    converge::detail::event_worker<shop::order_process, Store, converge::json_codec, context> events{
        store, {}, shared};
    events.take(0);
    shared.partitions.take(0);
    converge::detail::fresh_steps for_commands{0, 1};
    while (events.work(for_commands, after_batch)) {
    }
}
template <class Store> void drain_to_steps(Store& store) {
    drain_to_steps(store, [] {});
}

/// A handler that does nothing, so that the library is measured.
struct does_nothing {
    void operator()(auto const&) const noexcept {}
};

/// All that a runner does: events, and each command handed over.
template <class Store> void drain_with_commands(Store& store) {
    converge::make_runner<shop::order_process>(store, does_nothing{}, drain_options()).catch_up();
}

/// A contender that has come to another place has not done the work, and is not measured.
inline void require_same(std::uint64_t found, std::uint64_t expected) {
    if (found != expected)
        throw std::runtime_error{"the orders do not stand where they should"};
}

inline double wall_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class Work> double seconds_of(Work work) {
    auto const begin = wall_seconds();
    work();
    return wall_seconds() - begin;
}
