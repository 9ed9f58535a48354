// SPDX-License-Identifier: MIT
#include <cstdint>
#include <dispatch/known.hpp>
#include <dispatch/msm_run.hpp>
#include <flat_msm.hpp>
#include <vector>

template <> std::uint64_t contenders::msm<flat::workload>(log events) {
    return run_msm<flat::workload, flat::msm::machine>(
        events, [](auto& machine, logged const& each) { flat::msm::take(machine, each); });
}

std::uint64_t contenders::known::msm(typed_log const& events) {
    std::vector<flat::msm::machine> instances(known_instances);
    for (auto& each : instances)
        each.start();
    (void)events.replay(instances, [](auto& machine, auto const& event, auto) {
        machine.process_event(event);
        return std::uint64_t{0}; // it adds for itself
    });
    std::uint64_t total = 0;
    for (auto const& each : instances)
        total += each.total;
    return total;
}
