// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>

#include <concepts>
#include <span>
#include <vector>

namespace converge {

/// Several appends that wait together, each with its own result, for stores that have no transaction over
/// them but are far away.
///
/// - `append_each(requests)`: one result for each request, as `append` would give it. Requests of one stream
/// are done in their order; after one that is refused, no further one of its stream is done, and they have
/// its error. `wrong_version::request` is the number of the request.
template <class Store>
concept pipelined_log = event_log<Store> && requires(Store& store, std::span<append_request const> requests) {
    { store.append_each(requests) } -> std::same_as<std::vector<append_result>>;
};

} // namespace converge
