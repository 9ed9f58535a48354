// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <dispatch/workload.hpp>

/// The weights of a workload's rows, by the number of a row that sends something.
template <class Workload>
inline constexpr auto weights_of = [] {
    std::array<std::uint16_t, Workload::rows.size() + 1> made{};
    for (std::size_t row = 1; row < made.size(); ++row)
        made[row] = weight(row);
    return made;
}();

/// Adds the weights of the rows that are taken.
template <class Workload> struct add_weights {
    std::uint64_t& total;
    void operator()(std::size_t, std::size_t row) const { total += weights_of<Workload>[row]; }
};
