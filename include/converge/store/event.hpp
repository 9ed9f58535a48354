// SPDX-License-Identifier: MIT
#pragma once

#include <boost/uuid/uuid.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace converge {

/// An event's number in its module's log. Numbers strictly increase in the order in which commits become
/// visible; gaps are allowed. The first event has a position of at least 1, so 0 means "before the first".
using position = std::uint64_t;

/// How many events a stream holds. The first event of a stream has version 1; 0 means "no event yet".
using stream_version = std::uint64_t;

/// An event's identity. A module never holds two events with one id, so a repeated append is a no-op.
using event_id = boost::uuids::uuid;

/// The store's clock, microseconds since the Unix epoch (UTC).
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// An event that is to be appended.
struct new_event {
    event_id id{};    ///< unique in the module; the caller makes it deterministic where a retry is possible
    std::string name; ///< wire name of the event type, 1 to 255 bytes
    bool internal = false; ///< true: only viewers of the same module may read name, id and payload
    std::string payload;   ///< bytes, as the codec wrote them; may be empty
};

/// An event as a store shows it to a reader. The views are valid only while the visitor runs.
struct event_view {
    converge::position position{};
    std::string_view stream;
    stream_version version{};
    event_id id{};
    std::string_view name;
    bool internal = false;
    std::string_view payload;
    timestamp recorded_at{}; ///< when the store took the event
};

/// An event that was read, with its own memory.
struct recorded_event {
    converge::position position{};
    std::string stream;
    stream_version version{};
    event_id id{};
    std::string name;
    bool internal = false;
    std::string payload;
    timestamp recorded_at{};

    recorded_event() = default;
    explicit recorded_event(event_view const& view)
        : position{view.position}, stream{view.stream}, version{view.version}, id{view.id}, name{view.name},
          internal{view.internal}, payload{view.payload}, recorded_at{view.recorded_at} {}
};

} // namespace converge
