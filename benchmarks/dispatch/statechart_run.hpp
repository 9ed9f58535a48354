// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <dispatch/contenders.hpp>

namespace contenders {

template <class Workload, class Machine, class Take> std::uint64_t run_statechart(log events, Take take) {
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

} // namespace contenders
