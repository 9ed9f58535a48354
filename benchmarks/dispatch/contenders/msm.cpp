// SPDX-License-Identifier: MIT
#include <composed_msm.hpp>
#include <cstdint>
#include <dispatch/contenders.hpp>
#include <dispatch/known.hpp>
#include <flat_msm.hpp>
#include <order_msm.hpp>
#include <vector>

namespace {

template <class Workload, class Machine, class Take> std::uint64_t run(contenders::log events, Take take) {
    Machine fresh;
    fresh.start();
    Machine machine = fresh;
    replay<Workload>(
        events, [&](logged const& each) { take(machine, each); },
        [&] {
            auto const total = with_states(machine.total, machine.states);
            machine = fresh;
            machine.total = total;
        });
    return machine.total;
}

} // namespace

namespace contenders {

template <> std::uint64_t msm<order::workload>(log events) {
    return run<order::workload, order::msm::machine>(
        events, [](auto& machine, logged const& each) { order::msm::take(machine, each); });
}
template <> std::uint64_t msm<flat::workload>(log events) {
    return run<flat::workload, flat::msm::machine>(
        events, [](auto& machine, logged const& each) { flat::msm::take(machine, each); });
}
template <> std::uint64_t msm<composed::workload>(log events) {
    return run<composed::workload, composed::msm::machine>(
        events, [](auto& machine, logged const& each) { composed::msm::take(machine, each); });
}

} // namespace contenders

std::uint64_t contenders::known::msm(typed_log const& events) {
    std::vector<flat::msm::machine> instances(known_instances);
    for (auto& each : instances)
        each.start();
    events.replay(instances, [](auto& machine, auto const& event, auto) { machine.process_event(event); });
    std::uint64_t total = 0;
    for (auto const& each : instances)
        total += each.total;
    return total;
}
