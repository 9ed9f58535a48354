// SPDX-License-Identifier: MIT
#include <cstdint>
#include <dispatch/known.hpp>
#include <dispatch/statechart_run.hpp>
#include <flat_statechart.hpp>
#include <vector>

template <> std::uint64_t contenders::statechart<flat::workload>(log events) {
    return run_statechart<flat::workload, flat::statechart::machine>(
        events, [](auto& machine, logged const& each) { flat::statechart::take(machine, each); });
}

std::uint64_t contenders::known::statechart(typed_log const& events) {
    std::vector<flat::statechart::machine> instances(known_instances);
    for (auto& each : instances)
        each.initiate();
    (void)events.replay(instances, [](auto& machine, auto const& event, auto type) {
        machine.process_event(flat::statechart::happened<type>{event});
        return std::uint64_t{0}; // it adds for itself
    });
    std::uint64_t total = 0;
    for (auto const& each : instances)
        total += each.total;
    return total;
}
