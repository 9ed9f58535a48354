// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json_encode.hpp>

#include <boost/json/value.hpp>
#include <boost/lexical_cast/try_lexical_convert.hpp>
#include <boost/uuid/string_generator.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace converge::detail {

inline std::string_view kind_of(boost::json::value const& found) {
    switch (found.kind()) {
    case boost::json::kind::null:
        return "null";
    case boost::json::kind::bool_:
        return "a boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
        return "an integer";
    case boost::json::kind::double_:
        return "a number with a fraction";
    case boost::json::kind::string:
        return "a string";
    case boost::json::kind::array:
        return "an array";
    case boost::json::kind::object:
        return "an object";
    }
    return "something else";
}

inline decode_error mistyped(std::string_view expected, boost::json::value const& found) {
    return decode_error{"", "expected " + std::string{expected} + ", found " + std::string{kind_of(found)}};
}

template <class Type> decode_result<Type> decode_value(boost::json::value const& from);

template <std::integral Integer> decode_result<Integer> decode_integer(boost::json::value const& from) {
    auto const out_of_range = [](auto number) {
        return decode_error{
            "", std::to_string(number) +
                    " is out of range: " + std::to_string(std::numeric_limits<Integer>::min()) + " to " +
                    std::to_string(std::numeric_limits<Integer>::max())};
    };
    if (auto const* number = from.if_int64())
        return std::in_range<Integer>(*number) ? decode_result<Integer>{static_cast<Integer>(*number)}
                                               : out_of_range(*number);
    if (auto const* number = from.if_uint64())
        return std::in_range<Integer>(*number) ? decode_result<Integer>{static_cast<Integer>(*number)}
                                               : out_of_range(*number);
    return mistyped("an integer", from);
}

/// What is rounded to a finite `Number`. The parser makes infinity of what is too large for a double.
template <std::floating_point Number> bool has_finite(double number) {
    constexpr double largest = static_cast<double>(std::numeric_limits<Number>::max());
    if constexpr (sizeof(Number) >= sizeof(double))
        return std::abs(number) <= largest;
    auto const half_unit = std::ldexp(0.5, std::ilogb(largest) + 1 - std::numeric_limits<Number>::digits);
    return std::abs(number) < largest + half_unit;
}

template <std::floating_point Number> decode_result<Number> decode_number(boost::json::value const& from) {
    if (auto const* number = from.if_double()) {
        if (!has_finite<Number>(*number))
            return decode_error{"", "the number is too large"};
        return static_cast<Number>(*number);
    }
    if (auto const* number = from.if_int64())
        return static_cast<Number>(*number);
    if (auto const* number = from.if_uint64())
        return static_cast<Number>(*number);
    return mistyped("a number", from);
}

inline decode_result<boost::uuids::uuid> decode_uuid(boost::json::value const& from) {
    auto const* text = from.if_string();
    if (text == nullptr)
        return mistyped("a UUID", from);
    boost::uuids::uuid id{};
    if (text->size() != 36 || !boost::conversion::try_lexical_convert(text->data(), text->size(), id))
        return decode_error{"", "'" + std::string{*text} + "' is no UUID"};
    return id;
}

template <class List> decode_result<List> decode_list(boost::json::value const& from) {
    using item = typename List::value_type;
    auto const* array = from.if_array();
    if (array == nullptr)
        return mistyped("an array", from);
    List made{};
    if constexpr (requires { std::tuple_size<List>::value; }) {
        if (array->size() != made.size())
            return decode_error{
                "",
                "expected " + std::to_string(made.size()) + " items, found " + std::to_string(array->size())};
    }
    for (std::size_t at = 0; at < array->size(); ++at) {
        auto decoded = decode_value<item>((*array)[at]);
        if (!decoded)
            return decoded.error().in("[" + std::to_string(at) + "]");
        if constexpr (requires { std::tuple_size<List>::value; })
            made[at] = std::move(*decoded);
        else
            made.insert(made.end(), std::move(*decoded));
    }
    return made;
}

template <class Map> decode_result<Map> decode_map(boost::json::value const& from) {
    auto const* object = from.if_object();
    if (object == nullptr)
        return mistyped("an object", from);
    Map made{};
    for (auto const& entry : *object) {
        std::string name{entry.key()};
        auto decoded = decode_value<typename Map::mapped_type>(entry.value());
        if (!decoded)
            return decoded.error().in(name);
        made.emplace(std::move(name), std::move(*decoded));
    }
    return made;
}

template <class Tuple> decode_result<Tuple> decode_tuple(boost::json::value const& from) {
    constexpr auto size = std::tuple_size<Tuple>::value;
    auto const* array = from.if_array();
    if (array == nullptr)
        return mistyped("an array", from);
    if (array->size() != size)
        return decode_error{
            "", "expected " + std::to_string(size) + " items, found " + std::to_string(array->size())};
    Tuple made{};
    std::optional<decode_error> failed;
    auto one = [&]<std::size_t At>(std::integral_constant<std::size_t, At>) {
        if (failed)
            return;
        auto decoded = decode_value<std::tuple_element_t<At, Tuple>>((*array)[At]);
        if (decoded)
            std::get<At>(made) = std::move(*decoded);
        else
            failed = decoded.error().in("[" + std::to_string(At) + "]");
    };
    [&]<std::size_t... At>(std::index_sequence<At...>) {
        (one(std::integral_constant<std::size_t, At>{}), ...);
    }(std::make_index_sequence<size>{});
    if (failed)
        return *failed;
    return made;
}

template <class Member>
std::optional<decode_error>
decode_member(boost::json::object const& from, std::string_view name, Member& into) {
    auto const* found = from.if_contains(name);
    if (found == nullptr) {
        if constexpr (is_optional<Member>)
            return std::nullopt;
        return decode_error{std::string{name}, "missing"};
    }
    auto decoded = decode_value<Member>(*found);
    if (!decoded)
        return decoded.error().in(name);
    into = std::move(*decoded);
    return std::nullopt;
}

template <class Struct> decode_result<Struct> decode_struct(boost::json::value const& from) {
    auto const* object = from.if_object();
    if (object == nullptr)
        return mistyped("an object", from);
    Struct made{};
    std::optional<decode_error> failed;
    for_each_field(made, [&](std::string_view name, auto& member) {
        if (!failed)
            failed = decode_member(*object, name, member);
    });
    if (failed)
        return *failed;
    return made;
}

/// A value of a parsed document as `Type`. Errors name the path from here.
template <class Type> decode_result<Type> decode_value(boost::json::value const& from) {
    if constexpr (json_custom<Type>) {
        return json_as<Type>::decode(from);
    } else if constexpr (std::same_as<Type, bool>) {
        auto const* flag = from.if_bool();
        if (flag == nullptr)
            return mistyped("a boolean", from);
        return *flag;
    } else if constexpr (std::integral<Type>) {
        return decode_integer<Type>(from);
    } else if constexpr (std::floating_point<Type>) {
        return decode_number<Type>(from);
    } else if constexpr (std::is_enum_v<Type>) {
        auto const number = decode_integer<std::underlying_type_t<Type>>(from);
        return number ? decode_result<Type>{static_cast<Type>(*number)} : number.error();
    } else if constexpr (is_duration<Type>) {
        auto const count = decode_value<typename Type::rep>(from);
        return count ? decode_result<Type>{Type{*count}} : count.error();
    } else if constexpr (is_time_point<Type>) {
        auto const since = decode_value<typename Type::duration>(from);
        return since ? decode_result<Type>{Type{*since}} : since.error();
    } else if constexpr (std::same_as<Type, boost::uuids::uuid>) {
        return decode_uuid(from);
    } else if constexpr (std::same_as<Type, std::string>) {
        auto const* text = from.if_string();
        if (text == nullptr)
            return mistyped("a string", from);
        return std::string{text->data(), text->size()};
    } else if constexpr (is_optional<Type>) {
        if (from.is_null())
            return Type{};
        auto decoded = decode_value<typename Type::value_type>(from);
        return decoded ? decode_result<Type>{Type{std::move(*decoded)}} : decoded.error();
    } else if constexpr (json_map<Type>) {
        return decode_map<Type>(from);
    } else if constexpr (json_list<Type>) {
        return decode_list<Type>(from);
    } else if constexpr (json_tuple<Type>) {
        return decode_tuple<Type>(from);
    } else {
        static_assert(has_known_members<Type>);
        if constexpr (described<Type> || std::is_empty_v<Type>)
            return decode_struct<Type>(from);
        else
            return decode_error{"", "unknown members"};
    }
}

} // namespace converge::detail
