// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace converge {

/// A store that can begin to read before it is asked, for one that is far away: a runner says which batch it
/// will want next before it computes the steps of the one that it has.
///
/// - `prefetch(module, after, limit, viewer)`: `read` with these arguments is likely to come. It is a hint,
///   and changes nothing of what `read` and other calls give: a `read` that comes gives also what was
///   appended since, and one that never comes, or comes with other arguments, is no mistake. Of several the
///   last one counts; the same again is nothing new. Does not wait for the events, and does not throw.
template <class Store>
concept prefetching_log =
    event_log<Store> && requires(Store const& store, std::string_view name, position at, std::size_t limit) {
        { store.prefetch(name, at, limit, name) } noexcept -> std::same_as<void>;
    };

} // namespace converge
