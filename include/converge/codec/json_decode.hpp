// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json_encode.hpp>
#include <converge/codec/uuid_text.hpp>

#include <boost/json/value.hpp>
#include <boost/uuid/uuid.hpp>

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

/// Makes a value of a part of a parsed document. Errors name the path from here, and leave a part of it.
/// Precondition: `into` is as it was made with `{}`.
template <class Type> decode_failure decode_into(boost::json::value const& from, Type& into);

template <std::integral Integer>
decode_failure decode_integer(boost::json::value const& from, Integer& into) {
    auto const take = [&](auto number) -> decode_failure {
        if (!std::in_range<Integer>(number))
            return decode_error{
                "", std::to_string(number) +
                        " is out of range: " + std::to_string(std::numeric_limits<Integer>::min()) + " to " +
                        std::to_string(std::numeric_limits<Integer>::max())};
        into = static_cast<Integer>(number);
        return std::nullopt;
    };
    if (auto const* number = from.if_int64())
        return take(*number);
    if (auto const* number = from.if_uint64())
        return take(*number);
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

template <std::floating_point Number>
decode_failure decode_number(boost::json::value const& from, Number& into) {
    if (auto const* number = from.if_double()) {
        if (!has_finite<Number>(*number))
            return decode_error{"", "the number is too large"};
        into = static_cast<Number>(*number);
    } else if (auto const* integer = from.if_int64()) {
        into = static_cast<Number>(*integer);
    } else if (auto const* natural = from.if_uint64()) {
        into = static_cast<Number>(*natural);
    } else {
        return mistyped("a number", from);
    }
    return std::nullopt;
}

inline decode_failure decode_bool(boost::json::value const& from, bool& into) {
    auto const* flag = from.if_bool();
    if (flag == nullptr)
        return mistyped("a boolean", from);
    into = *flag;
    return std::nullopt;
}

inline decode_failure decode_text(boost::json::value const& from, std::string& into) {
    auto const* text = from.if_string();
    if (text == nullptr)
        return mistyped("a string", from);
    into.assign(text->data(), text->size());
    return std::nullopt;
}

inline decode_failure decode_uuid(boost::json::value const& from, boost::uuids::uuid& into) {
    auto const* text = from.if_string();
    if (text == nullptr)
        return mistyped("a UUID", from);
    auto const id = parse_uuid({text->data(), text->size()});
    if (!id)
        return decode_error{"", "'" + std::string{*text} + "' is no UUID"};
    into = *id;
    return std::nullopt;
}

/// An item that is made here and handed to `take`. Only a type with a `json_as` of its own need not have a
/// default constructor.
template <class Item, class Take> decode_failure decode_item(boost::json::value const& from, Take take) {
    if constexpr (json_custom<Item>) {
        auto decoded = json_as<Item>::decode(from);
        if (!decoded)
            return decoded.error();
        take(std::move(*decoded));
    } else {
        Item made{};
        if (auto failure = decode_into(from, made))
            return failure;
        take(std::move(made));
    }
    return std::nullopt;
}

inline std::string item_path(std::size_t at) { return "[" + std::to_string(at) + "]"; }

inline decode_error wrong_number_of_items(std::size_t expected, std::size_t found) {
    return {"", "expected " + std::to_string(expected) + " items, found " + std::to_string(found)};
}

template <class List> decode_failure decode_list(boost::json::value const& from, List& into) {
    auto const* array = from.if_array();
    if (array == nullptr)
        return mistyped("an array", from);
    constexpr bool is_fixed = requires { std::tuple_size<List>::value; };
    if constexpr (is_fixed) {
        if (array->size() != into.size())
            return wrong_number_of_items(into.size(), array->size());
    }
    for (std::size_t at = 0; at < array->size(); ++at) {
        auto const failure =
            decode_item<typename List::value_type>((*array)[at], [&](typename List::value_type&& item) {
                if constexpr (is_fixed)
                    into[at] = std::move(item);
                else
                    into.insert(into.end(), std::move(item));
            });
        if (failure)
            return failure->in(item_path(at));
    }
    return std::nullopt;
}

template <class Map> decode_failure decode_map(boost::json::value const& from, Map& into) {
    auto const* object = from.if_object();
    if (object == nullptr)
        return mistyped("an object", from);
    for (auto const& entry : *object) {
        std::string name{entry.key()};
        auto const failure = decode_item<typename Map::mapped_type>(
            entry.value(), [&](typename Map::mapped_type&& item) { into.emplace(name, std::move(item)); });
        if (failure)
            return failure->in(name);
    }
    return std::nullopt;
}

template <class Tuple> decode_failure decode_tuple(boost::json::value const& from, Tuple& into) {
    constexpr auto size = std::tuple_size<Tuple>::value;
    auto const* array = from.if_array();
    if (array == nullptr)
        return mistyped("an array", from);
    if (array->size() != size)
        return wrong_number_of_items(size, array->size());
    decode_failure failed;
    auto one = [&]<std::size_t At>(std::integral_constant<std::size_t, At>) {
        if (failed)
            return;
        failed = decode_into((*array)[At], std::get<At>(into));
        if (failed)
            failed = failed->in(item_path(At));
    };
    [&]<std::size_t... At>(std::index_sequence<At...>) {
        (one(std::integral_constant<std::size_t, At>{}), ...);
    }(std::make_index_sequence<size>{});
    return failed;
}

template <class Member>
decode_failure decode_member(boost::json::object const& from, std::string_view name, Member& into) {
    auto const* found = from.if_contains(name);
    if (found == nullptr) {
        if constexpr (is_optional<Member>)
            return std::nullopt;
        return decode_error{std::string{name}, "missing"};
    }
    // The value takes the place of what the struct gives the member at first.
    auto failure = decode_item<Member>(*found, [&](Member&& decoded) { into = std::move(decoded); });
    if (failure)
        failure = failure->in(name);
    return failure;
}

template <class Struct> decode_failure decode_struct(boost::json::value const& from, Struct& into) {
    auto const* object = from.if_object();
    if (object == nullptr)
        return mistyped("an object", from);
    decode_failure failed;
    for_each_field(into, [&](std::string_view name, auto& member) {
        if (!failed)
            failed = decode_member(*object, name, member);
    });
    return failed;
}

template <class Type> decode_failure decode_into(boost::json::value const& from, Type& into) {
    if constexpr (json_custom<Type>) {
        return decode_item<Type>(from, [&](Type&& decoded) { into = std::move(decoded); });
    } else if constexpr (std::same_as<Type, bool>) {
        return decode_bool(from, into);
    } else if constexpr (std::integral<Type>) {
        return decode_integer(from, into);
    } else if constexpr (std::floating_point<Type>) {
        return decode_number(from, into);
    } else if constexpr (std::is_enum_v<Type>) {
        std::underlying_type_t<Type> number{};
        auto failure = decode_integer(from, number);
        into = static_cast<Type>(number);
        return failure;
    } else if constexpr (is_duration<Type>) {
        return decode_item<typename Type::rep>(from, [&](auto count) { into = Type{count}; });
    } else if constexpr (is_time_point<Type>) {
        return decode_item<typename Type::duration>(from, [&](auto since) { into = Type{since}; });
    } else if constexpr (std::same_as<Type, boost::uuids::uuid>) {
        return decode_uuid(from, into);
    } else if constexpr (std::same_as<Type, std::string>) {
        return decode_text(from, into);
    } else if constexpr (is_optional<Type>) {
        using item = typename Type::value_type;
        return from.is_null() ? std::nullopt
                              : decode_item<item>(from, [&](item&& one) { into.emplace(std::move(one)); });
    } else if constexpr (json_map<Type>) {
        return decode_map(from, into);
    } else if constexpr (json_list<Type>) {
        return decode_list(from, into);
    } else if constexpr (json_tuple<Type>) {
        return decode_tuple(from, into);
    } else {
        static_assert(has_known_members<Type>);
        if constexpr (described<Type> || std::is_empty_v<Type>)
            return decode_struct(from, into);
        else
            return decode_error{"", "unknown members"};
    }
}

} // namespace converge::detail
