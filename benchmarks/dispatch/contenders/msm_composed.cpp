// SPDX-License-Identifier: MIT
#include <composed_msm.hpp>
#include <cstdint>
#include <dispatch/msm_run.hpp>

template <> std::uint64_t contenders::msm<composed::workload>(log events) {
    return run_msm<composed::workload, composed::msm::machine>(
        events, [](auto& machine, logged const& each) { composed::msm::take(machine, each); });
}
