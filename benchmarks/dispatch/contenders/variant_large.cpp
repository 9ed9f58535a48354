// SPDX-License-Identifier: MIT
#include <cstdint>
#include <dispatch/variant_run.hpp>
#include <large.hpp>

template contenders::variant_log<large::workload> contenders::decoded<large::workload>(log);
template std::uint64_t contenders::variant<large::workload>(variant_log<large::workload> const&);
