// SPDX-License-Identifier: MIT
#include <cstdint>
#include <dispatch/statechart_run.hpp>
#include <order_statechart.hpp>

template <> std::uint64_t contenders::statechart<order::workload>(log events) {
    return run_statechart<order::workload, order::statechart::machine>(
        events, [](auto& machine, logged const& each) { order::statechart::take(machine, each); });
}
