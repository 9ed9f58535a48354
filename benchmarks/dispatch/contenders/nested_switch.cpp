// SPDX-License-Identifier: MIT
#include <composed_switch.hpp>
#include <cstdint>
#include <dispatch/contenders.hpp>
#include <dispatch/known.hpp>
#include <flat_switch.hpp>
#include <large_switch.hpp>
#include <order_switch.hpp>
#include <vector>

namespace {

template <class Workload, class Instance> std::uint64_t run(contenders::log events) {
    Instance instance;
    replay<Workload>(
        events, [&](logged const& each) { instance.take(each); },
        [&] {
            instance.total = with_states(instance.total, instance.states);
            for (auto& state : instance.states)
                state = 0;
        });
    return instance.total;
}

} // namespace

namespace contenders {

template <> std::uint64_t nested_switch<order::workload>(log events) {
    return run<order::workload, order::nested_switch::instance>(events);
}
template <> std::uint64_t nested_switch<flat::workload>(log events) {
    return run<flat::workload, flat::nested_switch::instance>(events);
}
template <> std::uint64_t nested_switch<composed::workload>(log events) {
    return run<composed::workload, composed::nested_switch::instance>(events);
}
template <> std::uint64_t nested_switch<large::workload>(log events) {
    return run<large::workload, large::nested_switch::instance>(events);
}

} // namespace contenders

std::uint64_t contenders::known::nested_switch(typed_log const& events) {
    std::vector<flat::nested_switch::instance> instances(known_instances);
    events.replay(instances, [](auto& instance, auto const& event, auto) { instance.take(event); });
    std::uint64_t total = 0;
    for (auto const& each : instances)
        total += each.total;
    return total;
}
