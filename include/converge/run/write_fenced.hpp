// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>

#include <span>

namespace converge::detail {

/// Saves cursors under the fences of those who may, if the store can check them. Where it cannot, who calls
/// has looked at his own clock, and a cursor is a shortcut.
template <cursor_store Store>
void save_cursors_fenced(
    Store& store, std::span<cursor const> cursors, [[maybe_unused]] std::span<fence const> fences) {
    if constexpr (fenced_log<Store>)
        store.save_cursors(cursors, fences);
    else
        store.save_cursors(cursors);
}

} // namespace converge::detail
