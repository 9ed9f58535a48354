// SPDX-License-Identifier: MIT
#include <cstdint>
#include <dispatch/msm_run.hpp>
#include <order_msm.hpp>

template <> std::uint64_t contenders::msm<order::workload>(log events) {
    return run_msm<order::workload, order::msm::machine>(
        events, [](auto& machine, logged const& each) { order::msm::take(machine, each); });
}
