// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/fields.hpp>
#include <converge/codec/json_encode.hpp>
#include <converge/verify/first_refusal.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/pair.hpp>
#include <boost/hana/unpack.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// Whether a type can be written as JSON with all that is in it, asked before the codec is made for it: there,
// the error would stand at the end of a path through the codec.
namespace converge::detail {

template <class Type>
concept json_scalar =
    std::is_arithmetic_v<Type> || std::is_enum_v<Type> || is_duration<Type> || is_time_point<Type> ||
    std::same_as<Type, boost::uuids::uuid> || std::convertible_to<Type const&, std::string_view>;

template <class Type, class... Outer> consteval auto find_unknown_members();

template <class... Outer> struct unknown_members_among {
    template <class... Members>
    static auto find(std::type_identity<std::tuple<Members...>>) -> typename first_refusal<
        members_are_known, decltype(find_unknown_members<std::remove_cvref_t<Members>, Outer...>())...>::type;
};

template <class Struct>
using members_of_struct = decltype(boost::hana::unpack(
    boost::hana::accessors<Struct>(), []<class... Accessors>(Accessors const&...) {
        return std::type_identity<std::tuple<decltype(boost::hana::second(std::declval<Accessors>())(
            std::declval<Struct const&>()))...>>{};
    }));

template <class Tuple, std::size_t... At>
auto elements_of_tuple(std::index_sequence<At...>)
    -> std::type_identity<std::tuple<std::tuple_element_t<At, Tuple>...>>;

/// `members_are_known`, or the first struct in `Type` whose members are not. `Outer` are the types around it,
/// for a type may contain itself.
template <class Type, class... Outer> consteval auto find_unknown_members() {
    using inside = unknown_members_among<Type, Outer...>;
    if constexpr (
        (std::same_as<Type, Outer> || ...) || json_custom<Type> || json_scalar<Type> ||
        std::is_empty_v<Type>) {
        return members_are_known{};
    } else if constexpr (json_map<Type>) {
        return find_unknown_members<typename Type::mapped_type, Type, Outer...>();
    } else if constexpr (is_optional<Type> || json_list<Type>) {
        return find_unknown_members<typename Type::value_type, Type, Outer...>();
    } else if constexpr (json_tuple<Type>) {
        return decltype(inside::find(
            elements_of_tuple<Type>(std::make_index_sequence<std::tuple_size<Type>::value>{}))){};
    } else if constexpr (described<Type>) {
        return decltype(inside::find(members_of_struct<Type>{})){};
    } else {
        return members_are_not_registered_with_hana<Type>{};
    }
}

/// The verdict on a type that is written as JSON.
template <class Type> using json_verdict = decltype(find_unknown_members<Type>());

} // namespace converge::detail
