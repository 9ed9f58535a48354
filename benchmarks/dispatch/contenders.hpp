// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <dispatch/workload.hpp>
#include <span>
#include <variant>
#include <vector>

// Each takes all events of a log and returns the sum, which must be the same for all. Each is compiled on its
// own, so that none profits from what the compiler knows of another.

namespace contenders {

using log = std::span<logged const>;

/// A log that has been decoded to variants: that is not measured.
template <class Workload>
using variant_log = std::vector<boost::mp11::mp_rename<typename Workload::events, std::variant>>;
template <class Workload> variant_log<Workload> decoded(log);

/// A constexpr table indexed by [event][state], with the least work around it that a hand can write.
template <class Workload> std::uint64_t floor(log);
template <class Workload> std::uint64_t converge(log);
/// `switch` over the event in which there is a `switch` over the state.
template <class Workload> std::uint64_t nested_switch(log);
/// States and events are `std::variant`s, and `std::visit` is what brings them together.
template <class Workload> std::uint64_t variant(variant_log<Workload> const&);
template <class Workload> std::uint64_t msm(log);
template <class Workload> std::uint64_t statechart(log);

} // namespace contenders
