// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/frame.hpp>
#include <converge/store/jetstream/names.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace converge::detail {

/// The place in a log at which the event with a certain id may be: in the message that follows `after` on a
/// subject of a stream.
///
/// A reservation is written to the id's own subject, on condition that there is none, before the event is. So
/// every event in the log has one, however old it is, and whether an id is known is one question. An id whose
/// place is taken by something else, or by nothing and then by a fence, was never used, and may be reserved
/// again.
struct jetstream_place {
    std::string stream;
    jetstream_side side{};
    std::uint64_t after = 0; ///< sequence of the subject's last message before the event; 0: it is the first

    bool operator==(jetstream_place const&) const = default;
};

inline std::string encode_place(jetstream_place const& place) {
    std::string out{"\1"}; // of the layout
    out += static_cast<char>(place.side);
    for (int byte = 0; byte < 8; ++byte)
        out += static_cast<char>(place.after >> (8 * byte));
    return out + place.stream;
}

inline bool decode_place(std::string_view bytes, jetstream_place& place) {
    jetstream_frame_reader reader{bytes};
    if (reader.number(1) != 1)
        return false;
    auto const side = reader.number(1);
    place.side = side == 0 ? jetstream_side::public_ : jetstream_side::internal;
    place.after = reader.number(8);
    if (reader.failed() || side > 1 || bytes.size() == 10)
        return false;
    place.stream = bytes.substr(10);
    return true;
}

} // namespace converge::detail
