// SPDX-License-Identifier: MIT
#include <composed_statechart.hpp>
#include <cstdint>
#include <dispatch/statechart_run.hpp>

template <> std::uint64_t contenders::statechart<composed::workload>(log events) {
    return run_statechart<composed::workload, composed::statechart::machine>(
        events, [](auto& machine, logged const& each) { composed::statechart::take(machine, each); });
}
