// SPDX-License-Identifier: MIT
#include <composed_statechart.hpp>
#include <cstdint>
#include <dispatch/contenders.hpp>
#include <dispatch/known.hpp>
#include <flat_statechart.hpp>
#include <large_statechart.hpp>
#include <order_statechart.hpp>
#include <vector>

namespace {

template <class Workload, class Machine, class Take> std::uint64_t run(contenders::log events, Take take) {
    Machine machine;
    machine.initiate();
    replay<Workload>(
        events, [&](logged const& each) { take(machine, each); },
        [&] {
            machine.total = with_states(machine.total, machine.states);
            for (auto& state : machine.states)
                state = 0;
            machine.terminate();
            machine.initiate();
        });
    return machine.total;
}

} // namespace

namespace contenders {

template <> std::uint64_t statechart<order::workload>(log events) {
    return run<order::workload, order::statechart::machine>(
        events, [](auto& machine, logged const& each) { order::statechart::take(machine, each); });
}
template <> std::uint64_t statechart<flat::workload>(log events) {
    return run<flat::workload, flat::statechart::machine>(
        events, [](auto& machine, logged const& each) { flat::statechart::take(machine, each); });
}
template <> std::uint64_t statechart<composed::workload>(log events) {
    return run<composed::workload, composed::statechart::machine>(
        events, [](auto& machine, logged const& each) { composed::statechart::take(machine, each); });
}
template <> std::uint64_t statechart<large::workload>(log events) {
    return run<large::workload, large::statechart::machine>(
        events, [](auto& machine, logged const& each) { large::statechart::take(machine, each); });
}

} // namespace contenders

std::uint64_t contenders::known::statechart(typed_log const& events) {
    std::vector<flat::statechart::machine> instances(known_instances);
    for (auto& each : instances)
        each.initiate();
    events.replay(instances, [](auto& machine, auto const& event, auto type) {
        machine.process_event(flat::statechart::happened<type>{event});
    });
    std::uint64_t total = 0;
    for (auto const& each : instances)
        total += each.total;
    return total;
}
