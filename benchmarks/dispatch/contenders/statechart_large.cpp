// SPDX-License-Identifier: MIT
#include <cstdint>
#include <dispatch/statechart_run.hpp>
#include <large_statechart.hpp>

template <> std::uint64_t contenders::statechart<large::workload>(log events) {
    return run_statechart<large::workload, large::statechart::machine>(
        events, [](auto& machine, logged const& each) { large::statechart::take(machine, each); });
}
