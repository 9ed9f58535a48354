// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace converge {

/// The last events of many streams in one call, for stores that are far away, or where each look has to lock
/// something: a runner looks up the instances of a batch with it, instead of each by a call of its own.
///
/// - `last_of_streams(module, streams, viewer)`: one entry for each name, in order, as `last_of_stream`
///   would give it, each of some moment of the call. A name may come twice. Throws what that throws. Meant
///   to take the time of one call, whatever the number of names.
template <class Store>
concept batch_lookup_log =
    event_log<Store> &&
    requires(Store& store, std::string_view name, std::span<std::string_view const> streams) {
        {
            store.last_of_streams(name, streams, name)
        } -> std::same_as<std::vector<std::optional<recorded_event>>>;
    };

namespace detail {

/// The last events of many streams: in one call, where the store can do that.
template <event_log Store>
std::vector<std::optional<recorded_event>> last_of_each(
    Store& store, std::string_view module, std::span<std::string const> streams, std::string_view viewer) {
    if constexpr (batch_lookup_log<Store>) {
        std::vector<std::string_view> const names(streams.begin(), streams.end());
        return store.last_of_streams(module, names, viewer);
    } else {
        std::vector<std::optional<recorded_event>> found;
        found.reserve(streams.size());
        for (auto const& stream : streams)
            found.push_back(store.last_of_stream(module, stream, viewer));
        return found;
    }
}

} // namespace detail

} // namespace converge
