// SPDX-License-Identifier: MIT
#include <cstdint>
#include <dispatch/variant_run.hpp>
#include <order.hpp>

template contenders::variant_log<order::workload> contenders::decoded<order::workload>(log);
template std::uint64_t contenders::variant<order::workload>(variant_log<order::workload> const&);
