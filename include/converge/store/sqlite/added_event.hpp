// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/sqlite/schema.hpp>
#include <converge/store/sqlite/statement.hpp>

#include <cstdint>
#include <string_view>

namespace converge::detail {

/// An event that is to be added. The event is the caller's.
struct sqlite_added_event {
    static constexpr std::string_view into =
        "event(key, module, stream, version, internal, recorded_at, id, name, payload)";
    static constexpr int columns = 9;
    static constexpr char const* what = "append an event";

    /// What the event has is bound in place, nothing is copied.
    void bind(sqlite_statement const& to, int first) const {
        to.bind(first, module << sqlite_position_bits | position);
        to.bind(first + 1, module);
        to.bind(first + 2, stream);
        to.bind(first + 3, version);
        to.bind(first + 4, event->internal ? 1 : 0);
        to.bind(first + 5, recorded_at);
        to.bind_bytes(first + 6, event->id.data, event->id.size());
        to.bind_text(first + 7, event->name);
        to.bind_bytes(first + 8, event->payload.data(), event->payload.size());
    }

    new_event const* event = nullptr;
    std::int64_t module = 0;
    std::int64_t position = 0;
    std::int64_t stream = 0;
    std::int64_t version = 0;
    std::int64_t recorded_at = 0; // microseconds since 1970
};

} // namespace converge::detail
