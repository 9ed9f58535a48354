// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/frame.hpp>
#include <converge/store/jetstream/names.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

// What records are called on the server, and what their messages hold.
namespace converge::detail {

inline std::string jetstream_record_stream(std::string_view prefix) {
    return std::string{prefix} + "-records";
}
inline std::string jetstream_record_subjects(std::string_view prefix) {
    return std::string{prefix} + ".record.*.*";
}

/// A name up to and including its last '/', and the rest, are two tokens, so that permissions can be given
/// for all records of one folder.
inline std::string jetstream_record_subject(std::string_view prefix, std::string_view name) {
    auto const slash = name.rfind('/');
    auto const end = slash == std::string_view::npos ? 0 : slash + 1;
    return std::string{prefix} + ".record." + jetstream_token(name.substr(0, end)) + '.' +
           jetstream_token(name.substr(end));
}

/// What a subject shows of the encoded name of its record: the whole, or its beginning.
struct jetstream_visible_name {
    std::string text;
    bool whole = true;
};

inline jetstream_visible_name visible_record_name(std::string_view prefix, std::string_view subject) {
    jetstream_visible_name seen;
    subject.remove_prefix(std::min(subject.size(), prefix.size() + std::string_view{".record."}.size()));
    while (!subject.empty() && seen.whole) {
        auto const token = subject.substr(0, subject.find('.'));
        subject.remove_prefix(std::min(subject.size(), token.size() + 1));
        auto const cut = token.find("=-"); // what follows is a digest
        seen.whole = cut == std::string_view::npos;
        if (token != "=")
            seen.text += token.substr(0, cut);
    }
    return seen;
}

/// The message of a record, or of one that was removed.
struct jetstream_record_frame {
    bool exists = false;
    event_id call{}; ///< who has written it, so that a call whose answer was lost finds itself
    std::string name;
    std::string value;
};

inline constexpr char jetstream_record_kept = 1;
inline constexpr char jetstream_record_removed = 2;

inline std::string encode_jetstream_record(jetstream_record_frame const& frame) {
    std::string bytes{
        '\1', frame.exists ? jetstream_record_kept : jetstream_record_removed}; // after the layout
    for (auto const byte : frame.call)
        bytes += static_cast<char>(byte);
    for (auto const* const text : {&frame.name, &frame.value}) {
        for (unsigned shift = 0; shift < 32; shift += 8)
            bytes += static_cast<char>(text->size() >> shift & 0xFFU);
        bytes += *text;
    }
    return bytes;
}

/// False when the bytes are not what this library writes.
inline bool decode_jetstream_record(std::string_view bytes, jetstream_record_frame& frame) {
    jetstream_frame_reader reader{bytes};
    if (reader.number(1) != 1)
        return false;
    auto const kind = reader.number(1);
    auto const content = reader.event(); // an id and two texts
    frame = {
        kind == jetstream_record_kept, content.id, std::string{content.name}, std::string{content.payload}};
    return (kind == jetstream_record_kept || kind == jetstream_record_removed) && !reader.failed() &&
           reader.at_end();
}

} // namespace converge::detail
