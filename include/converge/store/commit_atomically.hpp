// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>

namespace converge {

/// Printed when code needs several appends to be done together or not at all, and the store has no
/// transaction over them. Remedy: one append (all its events are done together), or a process that sends
/// commands and their compensations; or another store.
template <class Store> struct store_does_not_write_several_appends_atomically {
    static constexpr bool holds = false;
};

namespace detail {

struct store_writes_several_appends_atomically {
    static constexpr bool holds = true;
    consteval operator bool() const noexcept { return true; }
};

} // namespace detail

/// Converts to `bool` if the store is an `atomic_batch_log`:
/// `static_assert(converge::atomic_batches<jetstream_store>)` says why not.
template <class Store>
inline constexpr auto atomic_batches = [] {
    if constexpr (atomic_batch_log<Store>)
        return detail::store_writes_several_appends_atomically{};
    else
        return store_does_not_write_several_appends_atomically<Store>{};
}();

/// Commits several appends and cursors in one transaction, for code that is written for any store. It does
/// not compile for a store that has none. Throws what the store throws.
template <event_log Store> batch_result commit_atomically(Store& store, batch const& together) {
    static_assert(atomic_batches<Store>);
    if constexpr (atomic_batch_log<Store>)
        return store.commit(together);
    else
        return std::vector<appended>{};
}

} // namespace converge
