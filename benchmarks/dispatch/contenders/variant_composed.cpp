// SPDX-License-Identifier: MIT
#include <composed.hpp>
#include <cstdint>
#include <dispatch/variant_run.hpp>

template contenders::variant_log<composed::workload> contenders::decoded<composed::workload>(log);
template std::uint64_t contenders::variant<composed::workload>(variant_log<composed::workload> const&);
