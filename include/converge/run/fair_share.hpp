// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace converge::detail {

/// How many of the partitions a worker is to have, of so many workers, when so many come before it: all of
/// them together have every partition once, and no two differ by more than one. `workers` is at least 1, and
/// `rank` less than it.
constexpr std::uint32_t
fair_share(std::uint32_t partitions, std::uint32_t workers, std::uint32_t rank) noexcept {
    return partitions / workers + (rank < partitions % workers ? 1U : 0U);
}

} // namespace converge::detail
