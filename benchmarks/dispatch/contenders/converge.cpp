// SPDX-License-Identifier: MIT
#include <converge/dispatch/step.hpp>

#include <composed_process.hpp>
#include <cstddef>
#include <cstdint>
#include <dispatch/contenders.hpp>
#include <dispatch/converge_actions.hpp>
#include <dispatch/known.hpp>
#include <flat_process.hpp>
#include <large_process.hpp>
#include <order_process.hpp>
#include <vector>

template <class Workload> std::uint64_t contenders::converge(log events) {
    using process = typename process_of_workload<Workload>::type;
    std::uint64_t total = 0;
    auto states = ::converge::initial_states<process>;
    static_assert(sizeof states == Workload::machines, "an instance is one byte a machine");
    replay<Workload>(
        events,
        [&](logged const& each) {
            ::converge::event_reference<process> const event{each.index, each.payload};
            if constexpr (Workload::actions)
                ::converge::take<process>(states, event, add_weights<Workload>{total});
            else
                ::converge::step<process>(states, event);
        },
        [&] {
            for (auto const state : states)
                total = total * 31 + state;
            states = ::converge::initial_states<process>;
        });
    return total;
}

template std::uint64_t contenders::converge<order::workload>(log);
template std::uint64_t contenders::converge<flat::workload>(log);
template std::uint64_t contenders::converge<composed::workload>(log);
template std::uint64_t contenders::converge<large::workload>(log);

std::uint64_t contenders::known::converge(typed_log const& events) {
    using process = flat::process;
    std::vector<::converge::machine_states<process>> instances(
        known_instances, ::converge::initial_states<process>);
    return events.replay(instances, [](auto& states, auto const& event, auto) {
        std::uint64_t added = 0;
        ::converge::take<process>(states, event, add_weights<flat::workload>{added});
        return added;
    });
}
