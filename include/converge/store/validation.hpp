// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json_encode.hpp>
#include <converge/store/append.hpp>
#include <converge/store/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

// What the contract allows, checked by every store before it writes (G6).
namespace converge {

/// Sizes in bytes that every store takes.
inline constexpr std::size_t maximum_module_name = 255;
inline constexpr std::size_t maximum_reader_name = 255;
inline constexpr std::size_t maximum_event_name = 255;
inline constexpr std::size_t maximum_stream_name = 1024;
inline constexpr std::size_t maximum_payload = std::size_t{64} << 20U;

namespace detail {

/// Text for a message: escaped, and shortened after 64 bytes.
inline std::string shown(std::string_view text) {
    std::string out{"'"};
    for (auto const each : text.substr(0, 64)) {
        auto const byte = static_cast<unsigned char>(each);
        if (byte < 0x20 || byte == 0x7F)
            encode_escaped(byte, out);
        else
            out += each;
    }
    return out + (text.size() > 64 ? "...'" : "'");
}

inline void require_name(std::string_view what, std::string_view name, std::size_t maximum) {
    auto const refuse = [&](std::string const& why) {
        throw store_error{store_trouble::invalid_argument, std::string{what} + " " + shown(name) + " " + why};
    };
    if (name.empty())
        refuse("is empty");
    if (name.size() > maximum)
        refuse(
            "has " + std::to_string(name.size()) + " bytes, at most " + std::to_string(maximum) +
            " are allowed");
    for (std::size_t at = 0; at < name.size();) {
        auto const length = utf8_sequence(name.substr(at));
        if (name[at] == '\0')
            refuse("has a NUL at byte " + std::to_string(at));
        if (length == 0)
            refuse("is not UTF-8 at byte " + std::to_string(at));
        at += length;
    }
}

inline void require_module(std::string_view name) { require_name("module name", name, maximum_module_name); }
inline void require_stream(std::string_view name) { require_name("stream name", name, maximum_stream_name); }
inline void require_reader(std::string_view name) { require_name("reader name", name, maximum_reader_name); }

} // namespace detail

/// Throws `store_error` (`invalid_argument`) that names what the contract does not allow. Complexity: linear
/// in the size of the names.
inline void require_valid(append_request const& request) {
    detail::require_module(request.module);
    detail::require_stream(request.stream);
    if (request.events.empty())
        throw store_error{
            store_trouble::invalid_argument,
            "append to stream " + detail::shown(request.stream) + " has no events"};
    for (auto const& event : request.events) {
        detail::require_name("event name", event.name, maximum_event_name);
        if (event.payload.size() > maximum_payload)
            throw store_error{
                store_trouble::invalid_argument, "payload of event " + detail::shown(event.name) + " has " +
                                                     std::to_string(event.payload.size()) +
                                                     " bytes, at most " + std::to_string(maximum_payload) +
                                                     " are allowed"};
    }
}

/// As above, for every request and cursor of a batch.
inline void require_valid(batch const& together) {
    for (auto const& request : together.appends)
        require_valid(request);
    for (auto const& each : together.cursors) {
        detail::require_reader(each.reader);
        detail::require_module(each.module);
    }
}

} // namespace converge
