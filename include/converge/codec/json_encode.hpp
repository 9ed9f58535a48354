// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/codec.hpp>
#include <converge/codec/fields.hpp>
#include <converge/codec/plain_text.hpp>
#include <converge/codec/text_pieces.hpp>

#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace converge {

/// How a type is written as JSON. Specialise it for types of your own that are not described structs, with
/// `static void encode(Type const&, std::string& out)` and `static decode_result<Type>
/// decode(boost::json::value const&)`.
template <class Type> struct json_as;

namespace detail {

/// Length of the UTF-8 sequence that starts the text, 0 if it is none. Table 3-7 of the Unicode Standard.
constexpr std::size_t utf8_sequence(std::string_view text) noexcept {
    auto const byte = [&](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    auto const follows = [&](std::size_t at, unsigned least = 0x80, unsigned most = 0xBF) {
        return byte(at) >= least && byte(at) <= most;
    };
    auto const lead = byte(0);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return follows(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF)
        return follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
    if (lead >= 0xF0 && lead <= 0xF4)
        return follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3)
                   ? 4
                   : 0;
    return 0;
}

inline void encode_escaped(unsigned char byte, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (byte) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        out += "\\u00";
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
}

/// Appends text that is not plain as a JSON string.
inline void encode_special_text(std::string_view text, std::string& out) {
    out += '"';
    std::size_t plain = 0; // where the bytes begin that need no change
    for (std::size_t at = 0; at < text.size();) {
        auto const byte = static_cast<unsigned char>(text[at]);
        if (is_plain(text[at])) {
            ++at;
        } else if (byte >= 0x80) {
            auto const length = utf8_sequence(text.substr(at));
            if (length == 0)
                throw encode_error{"text is not UTF-8 at byte " + std::to_string(at)};
            at += length;
        } else {
            out.append(text, plain, at - plain);
            encode_escaped(byte, out);
            plain = ++at;
        }
    }
    out.append(text, plain, text.size() - plain);
    out += '"';
}

/// Appends text as a JSON string. Throws `encode_error` where it is not UTF-8, for such a document could not
/// be read back.
inline void encode_text(std::string_view text, std::string& out) {
    if (plain_prefix(text) == text.size())
        (void)text_pieces{out}.add_quoted(text).out();
    else
        encode_special_text(text, out);
}

template <class Number> void encode_number(Number value, std::string& out) {
    std::array<char, 32> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
    // Without a fraction a parser takes it for the integer 0, which has no sign.
    if constexpr (std::floating_point<Number>)
        if (value == 0 && std::signbit(value))
            out += ".0";
}

template <class Type> inline constexpr bool is_optional = false;
template <class Type> inline constexpr bool is_optional<std::optional<Type>> = true;

template <class Type> inline constexpr bool is_duration = false;
template <class Count, class Ratio>
inline constexpr bool is_duration<std::chrono::duration<Count, Ratio>> = true;

template <class Type> inline constexpr bool is_time_point = false;
template <class Clock, class Duration>
inline constexpr bool is_time_point<std::chrono::time_point<Clock, Duration>> = true;

template <class Type>
concept json_list = std::ranges::range<Type> && !std::convertible_to<Type const&, std::string_view>;

template <class Type>
concept json_map = json_list<Type> && requires { typename Type::mapped_type; };

template <class Type>
concept json_tuple = !json_list<Type> && requires { std::tuple_size<Type>::value; };

template <class Type>
concept json_custom = requires(Type const& value, std::string& out) { json_as<Type>::encode(value, out); };

template <class Type> void encode_json(Type const& value, std::string& out);

template <class Range> void encode_list(Range const& values, std::string& out) {
    out += '[';
    for (char const* comma = ""; auto const& each : values) {
        out += comma;
        encode_json(each, out);
        comma = ",";
    }
    out += ']';
}

template <class Map> void encode_map(Map const& entries, std::string& out) {
    out += '{';
    for (char const* comma = ""; auto const& [name, value] : entries) {
        out += comma;
        encode_text(name, out);
        out += ':';
        encode_json(value, out);
        comma = ",";
    }
    out += '}';
}

template <class Struct> void encode_struct(Struct const& value, std::string& out) {
    if constexpr (std::is_empty_v<Struct>)
        out += '{';
    std::string_view before = "{\"";
    for_each_field(value, [&](std::string_view name, auto const& member) {
        (void)text_pieces{out}.add(before).add(name).add("\":").out(); // a C++ identifier: nothing to escape
        before = ",\"";
        try {
            encode_json(member, out);
        } catch (encode_error const& error) {
            throw encode_error{std::string{name} + ": " + error.what()};
        }
    });
    out += '}';
}

template <class Type> void encode_json(Type const& value, std::string& out) {
    if constexpr (json_custom<Type>) {
        json_as<Type>::encode(value, out);
    } else if constexpr (std::same_as<Type, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::floating_point<Type>) {
        if (!std::isfinite(value))
            throw encode_error{"the number is not finite"};
        encode_number(value, out);
    } else if constexpr (std::integral<Type>) {
        encode_number(value, out);
    } else if constexpr (std::is_enum_v<Type>) {
        encode_number(static_cast<std::underlying_type_t<Type>>(value), out);
    } else if constexpr (is_duration<Type>) {
        encode_json(value.count(), out);
    } else if constexpr (is_time_point<Type>) {
        encode_json(value.time_since_epoch().count(), out);
    } else if constexpr (std::same_as<Type, boost::uuids::uuid>) {
        (void)text_pieces{out}.add_quoted(value).out();
    } else if constexpr (std::convertible_to<Type const&, std::string_view>) {
        encode_text(value, out);
    } else if constexpr (is_optional<Type>) {
        if (value)
            encode_json(*value, out);
        else
            out += "null";
    } else if constexpr (json_map<Type>) {
        encode_map(value, out);
    } else if constexpr (json_list<Type>) {
        encode_list(value, out);
    } else if constexpr (json_tuple<Type>) {
        std::apply(
            [&](auto const&... parts) {
                out += '[';
                char const* comma = "";
                ((out += comma, encode_json(parts, out), comma = ","), ...);
                out += ']';
            },
            value);
    } else {
        static_assert(has_known_members<Type>);
        if constexpr (described<Type> || std::is_empty_v<Type>)
            encode_struct(value, out);
    }
}

} // namespace detail

} // namespace converge
