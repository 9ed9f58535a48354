// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/codec/json.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/error.hpp>
#include <converge/store/event.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// How the deadlines that are pending are kept in the log of a process's home module: a timer wheel.
//
// Time is cut into buckets of about a minute. The deadlines of a bucket are in a stream of its own, many in
// one record, so that those which are due soon are found without the others. Which buckets have a stream is
// written once for each in the stream of their block, three days long, so that empty time costs one look-up a
// block. Nothing is ever taken out: what a record names is looked for in the last step of its instance when
// it is due.
namespace converge {

inline constexpr std::string_view deadlines_event_name = "converge.deadlines";
inline constexpr std::string_view deadline_bucket_event_name = "converge.deadline_bucket";

namespace detail {

using deadline_bucket = std::uint64_t;

inline constexpr unsigned deadline_bucket_bits = 26; // of microseconds: 67 seconds
inline constexpr unsigned deadline_block_bits = 12;  // of buckets: 76 hours

/// No deadline is in a bucket before: earlier ones are in this.
inline constexpr deadline_bucket first_deadline_bucket =
    static_cast<deadline_bucket>(
        std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}.time_since_epoch())
            .count()) >>
    deadline_bucket_bits;

/// Nor in one behind: later ones are in this, which begins in the year 2255.
inline constexpr deadline_bucket last_deadline_bucket = (deadline_bucket{1} << 27U) - 1;

constexpr deadline_bucket bucket_of(timestamp at) noexcept {
    auto const count = at.time_since_epoch().count();
    return std::clamp(
        count < 0 ? 0 : static_cast<deadline_bucket>(count) >> deadline_bucket_bits, first_deadline_bucket,
        last_deadline_bucket);
}
constexpr std::uint64_t block_of(deadline_bucket bucket) noexcept { return bucket >> deadline_block_bits; }
constexpr deadline_bucket first_of_block(std::uint64_t block) noexcept {
    return block << deadline_block_bits;
}

/// How far a worker has come: of the steps up to `read`, each deadline that may still have to fire is in the
/// bucket `mark` or a later one. It stays true for ever, and the two must not come from different workers: so
/// they are one cursor, of the mark and the last 36 bits of the position.
struct deadline_progress {
    converge::position read{};
    deadline_bucket mark = 0;

    bool operator==(deadline_progress const&) const = default;
};

inline constexpr unsigned deadline_position_bits = 36;

constexpr converge::position encode_progress(deadline_progress const& reached) noexcept {
    constexpr auto mask = (converge::position{1} << deadline_position_bits) - 1;
    return reached.mark << deadline_position_bits | (reached.read & mask);
}
/// `head` is the last position of the module's log, about.
constexpr deadline_progress decode_progress(converge::position saved, converge::position head) noexcept {
    constexpr auto round = converge::position{1} << deadline_position_bits;
    auto read = (head & ~(round - 1)) | (saved & (round - 1));
    if (read > head + round / 2 && read >= round)
        read -= round;
    return {read, saved >> deadline_position_bits};
}

/// An instance's step has a deadline: look at the instance when it is due.
struct deadline_entry {
    timestamp due{};
    stream_version version{}; ///< of the step
    std::string key;

    bool operator==(deadline_entry const&) const = default;
};

/// `reader` is the name of the cursor of the deadlines of a partition.
inline std::string deadline_bucket_stream(std::string_view reader, deadline_bucket bucket) {
    return "converge/deadlines/" + std::to_string(bucket) + "/" + std::string{reader};
}
inline std::string deadline_block_stream(std::string_view reader, std::uint64_t block) {
    return "converge/deadline_blocks/" + std::to_string(block) + "/" + std::string{reader};
}

inline new_event encode_deadline_bucket(std::string_view reader, deadline_bucket bucket) {
    return {
        name_based_id(deadline_bucket_event_name, reader, bucket), std::string{deadline_bucket_event_name},
        true, std::to_string(bucket)};
}

/// A record of entries. Its id is made of what it says, so that the same again is written once.
inline new_event
encode_deadlines(std::string_view reader, deadline_bucket bucket, std::span<deadline_entry const> entries) {
    new_event made{{}, std::string{deadlines_event_name}, true, "["};
    for (auto const& each : entries) {
        if (made.payload.size() > 1)
            made.payload += ',';
        json_codec{}.encode(std::tuple{each.due, each.version, each.key}, made.payload);
    }
    made.payload += ']';
    made.id = name_based_id(deadlines_event_name, reader, bucket, std::string_view{made.payload});
    return made;
}

[[noreturn]] inline void refuse_deadline_record(event_view const& event, std::string const& why) {
    throw store_error{
        store_trouble::corrupt, "the record at version " + std::to_string(event.version) + " of stream '" +
                                    std::string{event.stream} + "' cannot be read: " + why};
}

/// Throws `store_error` (`corrupt`).
inline std::vector<deadline_entry> decode_deadlines(event_view const& event) {
    using entry = std::tuple<timestamp, stream_version, std::string>;
    auto decoded = json_codec{}.decode<std::vector<entry>>(event.payload);
    if (!decoded)
        refuse_deadline_record(event, decoded.error().what());
    std::vector<deadline_entry> entries;
    entries.reserve(decoded->size());
    for (auto& [due, version, key] : *decoded)
        entries.push_back({due, version, std::move(key)});
    return entries;
}
inline deadline_bucket decode_deadline_bucket(event_view const& event) {
    auto const decoded = json_codec{}.decode<deadline_bucket>(event.payload);
    if (!decoded)
        refuse_deadline_record(event, decoded.error().what());
    return *decoded;
}

} // namespace detail

} // namespace converge
