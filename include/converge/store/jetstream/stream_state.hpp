// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/api.hpp>
#include <converge/store/jetstream/frame.hpp>
#include <converge/store/jetstream/names.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace converge::detail {

/// The last message of one subject of a stream.
struct jetstream_end {
    std::uint64_t sequence = 0; ///< 0: there is none
    bool closed = false;        ///< the stream went on at the other subject, unless that is closed later
    stream_version version = 0;
};

/// Where a stream stands. A stream has two subjects, public and internal, for that is how a server tells who
/// may read what. But the server compares sequences of one subject only, so at any time one of the two is
/// *active* and takes events; to change sides, a writer closes the active one with a marker. Each append is
/// conditional on the last sequence of the active subject: it succeeds only if nothing came in between, a
/// marker included, and then the other side, which was closed, has not moved either.
struct jetstream_stream_state {
    std::array<jetstream_end, 2> ends;
    jetstream_side first = jetstream_side::public_; ///< active while nothing is closed

    jetstream_end& end(jetstream_side side) noexcept { return ends[static_cast<std::size_t>(side)]; }
    jetstream_end const& end(jetstream_side side) const noexcept {
        return ends[static_cast<std::size_t>(side)];
    }

    jetstream_side active() const noexcept {
        auto const one = jetstream_side::public_;
        auto const other = jetstream_side::internal;
        if (end(one).closed && end(other).closed) // the one that was closed earlier is open again
            return end(one).sequence < end(other).sequence ? one : other;
        if (end(one).closed)
            return other;
        if (end(other).closed)
            return one;
        return first;
    }

    stream_version version() const noexcept { return std::max(ends[0].version, ends[1].version); }
};

[[noreturn]] inline void
refuse_message(jetstream_connection const& on, jetstream_module const& module, std::uint64_t sequence) {
    on.refuse(
        store_trouble::corrupt, "message " + std::to_string(sequence) + " of JetStream stream " + module.log +
                                    " is not as converge writes it");
}

/// Decodes a message of a log, which must be one of this library.
inline void decode_stored(
    jetstream_connection const& on, jetstream_module const& module, std::uint64_t sequence,
    std::string_view data, jetstream_frame& frame) {
    if (!decode_jetstream_frame(data, frame))
        refuse_message(on, module, sequence);
}

inline jetstream_end end_of(
    jetstream_connection const& on, jetstream_module const& module,
    std::optional<jetstream_stored> const& stored) {
    if (!stored)
        return {};
    jetstream_frame frame;
    decode_stored(on, module, stored->sequence, stored->data, frame);
    return {stored->sequence, frame.kind == jetstream_kind::closed, frame.version};
}

/// The last event that a message tells, if there was any on its subject.
inline std::optional<jetstream_kept_event>
last_event_of(jetstream_frame const& frame, jetstream_stored const& stored) {
    if (frame.kind != jetstream_kind::events)
        return frame.kept;
    return jetstream_kept_event{
        jetstream_position(stored.sequence, 1, 0), frame.version,
        static_cast<std::uint64_t>(stored.recorded_at.time_since_epoch().count()), frame.events.back()};
}

} // namespace converge::detail
