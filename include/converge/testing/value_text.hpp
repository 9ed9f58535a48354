// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/fields.hpp>
#include <converge/codec/json.hpp>
#include <converge/run/time_text.hpp>

#include <boost/uuid/uuid.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace converge::testing {

template <class Type> std::string value_text(Type const& value);

namespace detail {

template <class Type>
concept whole_span = converge::detail::is_duration<Type> && std::integral<typename Type::rep>;

template <class Type>
concept system_time =
    converge::detail::is_time_point<Type> && std::same_as<typename Type::clock, std::chrono::system_clock>;

/// "1h 30min"; "0s" for nothing.
inline std::string span_text(std::chrono::microseconds span) {
    struct unit {
        std::int64_t microseconds;
        std::string_view name;
    };
    static constexpr std::array<unit, 6> units{
        {{86'400'000'000, "d"},
         {3'600'000'000, "h"},
         {60'000'000, "min"},
         {1'000'000, "s"},
         {1'000, "ms"},
         {1, "us"}}};
    std::string text = span.count() < 0 ? "-" : "";
    auto left = span.count() < 0 ? -span.count() : span.count();
    for (auto const& each : units)
        if (auto const count = left / each.microseconds; count != 0) {
            text += (text.empty() || text == "-" ? "" : " ") + std::to_string(count);
            text += each.name;
            left %= each.microseconds;
        }
    return text.empty() ? "0s" : text;
}

template <class Range> std::string list_text(Range const& values) {
    std::string text = "[";
    for (auto const& each : values)
        text += (text.size() == 1 ? "" : ", ") + value_text(each);
    return text + "]";
}

template <class Map> std::string map_text(Map const& entries) {
    std::string text = "{";
    for (auto const& [name, value] : entries)
        text += (text.size() == 1 ? "" : ", ") + std::string{name} + ": " + value_text(value);
    return text + "}";
}

template <class Tuple> std::string tuple_text(Tuple const& parts) {
    std::string text = "(";
    std::apply(
        [&](auto const&... each) { ((text += (text.size() == 1 ? "" : ", ") + value_text(each)), ...); },
        parts);
    return text + ")";
}

template <class Struct> std::string struct_text(Struct const& value) {
    std::string text = "{";
    for_each_field(value, [&](std::string_view name, auto const& member) {
        text += (text.size() == 1 ? "" : ", ") + std::string{name} + ": " + value_text(member);
    });
    return text + "}";
}

} // namespace detail

/// A value as a person reads it: text in quotes, `15min`, `2000-01-01 00:15:00`, `none`, `[1, 2]`,
/// `{order: "7", cents: 990}` for described structs; what has a `json_as` of its own as JSON. Throws
/// `encode_error` for text that is not UTF-8.
template <class Type> std::string value_text(Type const& value) {
    if constexpr (
        converge::detail::json_custom<Type> || std::integral<Type> || std::floating_point<Type> ||
        std::same_as<Type, boost::uuids::uuid>) {
        std::string text;
        converge::detail::encode_json(value, text);
        return text;
    } else if constexpr (std::is_enum_v<Type>) {
        return std::to_string(static_cast<std::underlying_type_t<Type>>(value));
    } else if constexpr (detail::whole_span<Type>) {
        return detail::span_text(std::chrono::floor<std::chrono::microseconds>(value));
    } else if constexpr (detail::system_time<Type>) {
        return converge::detail::text_of_time(std::chrono::floor<std::chrono::microseconds>(value));
    } else if constexpr (converge::detail::is_optional<Type>) {
        return value ? value_text(*value) : "none";
    } else if constexpr (std::convertible_to<Type const&, std::string_view>) {
        std::string text;
        converge::detail::encode_text(value, text);
        return text;
    } else if constexpr (converge::detail::json_map<Type>) {
        return detail::map_text(value);
    } else if constexpr (converge::detail::json_list<Type>) {
        return detail::list_text(value);
    } else if constexpr (converge::detail::json_tuple<Type>) {
        return detail::tuple_text(value);
    } else if constexpr (described<Type> || std::is_empty_v<Type>) {
        return detail::struct_text(value);
    } else {
        std::string text;
        converge::detail::encode_json(value, text);
        return text;
    }
}

} // namespace converge::testing
