// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <array>
#include <cstddef>

namespace converge::detail {

/// Whose batch comes next: of the modules that may come, by number, the first that has the least cursor. As
/// many as there are, where none may come.
template <std::size_t Count>
constexpr std::size_t
next_module(std::array<position, Count> const& cursors, std::array<bool, Count> const& may_come) noexcept {
    std::size_t next = Count;
    for (std::size_t module = 0; module < Count; ++module)
        if (may_come[module] && (next == Count || cursors[module] < cursors[next]))
            next = module;
    return next;
}

} // namespace converge::detail
