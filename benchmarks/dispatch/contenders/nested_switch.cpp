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
    std::uint64_t total = 0;
    replay<Workload>(
        events, [&](logged const& each) { instance.take(total, each); },
        [&] {
            total = with_states(total, instance.states);
            for (auto& state : instance.states)
                state = 0;
        });
    return total;
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
    return events.replay(instances, [](auto& instance, auto const& event, auto) {
        std::uint64_t added = 0;
        instance.take(added, event);
        return added;
    });
}
