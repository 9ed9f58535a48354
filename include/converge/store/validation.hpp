// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json_encode.hpp>
#include <converge/codec/plain_text.hpp>
#include <converge/store/append.hpp>
#include <converge/store/error.hpp>
#include <converge/store/record.hpp>

#include <boost/uuid/uuid_io.hpp>

#include <cstddef>
#include <string>
#include <string_view>

// What the contract allows, checked by every store before it writes (G6).
namespace converge {

/// Sizes in bytes that every store takes.
inline constexpr std::size_t maximum_module_name = 255;
inline constexpr std::size_t maximum_reader_name = 255;
inline constexpr std::size_t maximum_process_name = 255;
inline constexpr std::size_t maximum_event_name = 255;
inline constexpr std::size_t maximum_stream_name = 1024;
inline constexpr std::size_t maximum_record_name = maximum_stream_name;
inline constexpr std::size_t maximum_record_value = std::size_t{64} << 10U;
inline constexpr std::size_t maximum_payload = std::size_t{64} << 20U;

/// The greatest position a cursor may hold: what a signed 64-bit column takes.
inline constexpr position maximum_position = ~position{0} >> 1U;

namespace detail {

/// A name or value as a message shows it: in quotes, printable, cut after 64 bytes.
inline std::string shown(std::string_view text) {
    constexpr std::size_t longest = 64;
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out{"'"};
    std::size_t at = 0;
    while (at < text.size() && at < longest) {
        auto const byte = static_cast<unsigned char>(text[at]);
        auto const length = utf8_sequence(text.substr(at));
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
            ++at;
        } else {
            out += text.substr(at, length);
            at += length;
        }
    }
    return out + (at < text.size() ? "...'" : "'");
}

[[noreturn]] inline void refuse_argument(std::string const& message) {
    throw store_error{store_trouble::invalid_argument, message};
}

[[noreturn]] inline void refuse_name(std::string_view what, std::string_view name, std::string const& why) {
    refuse_argument(std::string{what} + " " + shown(name) + " " + why);
}

/// Throws `store_error` (`invalid_argument`) unless the name is 1 to `maximum` bytes of UTF-8 without NUL.
inline void require_name(std::string_view what, std::string_view name, std::size_t maximum) {
    if (name.empty())
        refuse_name(what, name, "is empty");
    if (name.size() > maximum)
        refuse_name(
            what, name,
            "has " + std::to_string(name.size()) + " bytes, at most " + std::to_string(maximum) +
                " are allowed");
    for (auto at = plain_prefix(name); at < name.size();) {
        if (name[at] == '\0')
            refuse_name(what, name, "has a NUL at byte " + std::to_string(at));
        auto const length = utf8_sequence(name.substr(at));
        if (length == 0)
            refuse_name(what, name, "is not UTF-8 at byte " + std::to_string(at));
        at += length;
    }
}

inline void require_module(std::string_view name) { require_name("module name", name, maximum_module_name); }
inline void require_stream(std::string_view name) { require_name("stream name", name, maximum_stream_name); }
inline void require_reader(std::string_view name) { require_name("reader name", name, maximum_reader_name); }
inline void require_process(std::string_view name) {
    require_name("process name", name, maximum_process_name);
}

inline void require_record(std::string_view name) { require_name("record name", name, maximum_record_name); }

/// As for a name, but it may be empty.
inline void require_record_prefix(std::string_view prefix) {
    if (!prefix.empty())
        require_name("prefix of record names", prefix, maximum_record_name);
}

inline void require_record(std::string_view name, std::string_view value) {
    require_record(name);
    if (value.size() > maximum_record_value)
        refuse_argument(
            "the value of record " + shown(name) + " has " + std::to_string(value.size()) +
            " bytes, at most " + std::to_string(maximum_record_value) + " are allowed");
}

/// Says of a fence that does not hold what its record has instead; `actual` is 0 when there is no record.
inline std::string lost_lease(fence const& passed, record_revision actual) {
    return "record " + shown(passed.record) + " was to have revision " + std::to_string(passed.revision) +
           (actual == 0 ? ", but there is none" : ", but has " + std::to_string(actual)) +
           "; nothing was written";
}

/// An id that the module holds already, though the first of the append is new to it: the contract has no
/// meaning for that.
[[noreturn]] inline void refuse_repeat(append_request const& request, new_event const& repeated) {
    refuse_argument(
        "event " + std::to_string(&repeated - request.events.data() + 1) + " of " +
        std::to_string(request.events.size()) + " for stream " + shown(request.stream) + " has id " +
        to_string(repeated.id) + ", which module " + shown(request.module) +
        " holds already, while the first event's id is new to it");
}

} // namespace detail

/// Throws `store_error` (`invalid_argument`) that names what the contract does not allow. Complexity: linear
/// in the size of the names.
inline void require_valid(append_request const& request) {
    detail::require_module(request.module);
    detail::require_stream(request.stream);
    if (request.events.empty())
        detail::refuse_argument("an append to stream " + detail::shown(request.stream) + " has no events");
    for (auto const& event : request.events) {
        detail::require_name("event name", event.name, maximum_event_name);
        if (event.payload.size() > maximum_payload)
            detail::refuse_argument(
                "the payload of event " + detail::shown(event.name) + " has " +
                std::to_string(event.payload.size()) + " bytes, at most " + std::to_string(maximum_payload) +
                " are allowed");
    }
}

/// As above, for a cursor.
inline void require_valid(cursor const& each) {
    detail::require_reader(each.reader);
    detail::require_module(each.module);
    if (each.position > maximum_position)
        detail::refuse_argument(
            "the cursor of reader " + detail::shown(each.reader) + " in module " +
            detail::shown(each.module) + " is " + std::to_string(each.position) + ", at most " +
            std::to_string(maximum_position) + " is allowed");
}

/// As above, for a fence. Revision 0 is none that a record has, so such a fence is a mistake.
inline void require_valid(fence const& each) {
    detail::require_record(each.record);
    if (each.revision == 0)
        detail::refuse_argument("the fence of record " + detail::shown(each.record) + " has revision 0");
}

/// As above, for every request, cursor and fence of a batch.
inline void require_valid(batch const& together) {
    for (auto const& request : together.appends)
        require_valid(request);
    for (auto const& each : together.cursors)
        require_valid(each);
    for (auto const& each : together.fences)
        require_valid(each);
}

namespace detail {

/// For stores that are no `fenced_log`: what they cannot check they do not write.
inline void require_unfenced(batch const& together) {
    if (!together.fences.empty())
        refuse_argument(
            "a batch is fenced by record " + shown(together.fences.front().record) +
            ", but this store cannot check fences");
}

} // namespace detail

} // namespace converge
