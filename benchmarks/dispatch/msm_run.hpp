// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <dispatch/contenders.hpp>

namespace contenders {

template <class Workload, class Machine, class Take> std::uint64_t run_msm(log events, Take take) {
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

} // namespace contenders
