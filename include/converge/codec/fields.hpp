// SPDX-License-Identifier: MIT
#pragma once

#include <boost/hana/accessors.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/core/to.hpp>
#include <boost/hana/define_struct.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/pair.hpp>
#include <boost/hana/string.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/unpack.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <ranges>
#include <string_view>
#include <tuple>
#include <type_traits>

// The one door to Boost.Hana: the members of a struct.
namespace converge {

/// A struct whose members are registered with Boost.Hana: `BOOST_HANA_DEFINE_STRUCT` in it, or
/// `BOOST_HANA_ADAPT_STRUCT` beside it for types you do not own.
template <class Type>
concept described = boost::hana::Struct<Type>::value;

/// Printed when a struct is used as an event, a command or data and its members are unknown. Remedy: write
/// its members with `BOOST_HANA_DEFINE_STRUCT(Type, (member_type, member), ...)`, or
/// `BOOST_HANA_ADAPT_STRUCT(Type, member, ...)` after it.
template <class Type> struct members_are_not_registered_with_hana {
    static constexpr bool holds = false;
};

namespace detail {

struct members_are_known {
    static constexpr bool holds = true;
    consteval operator bool() const noexcept { return true; }
};

template <class Type> struct number_of_fields {
    static constexpr std::size_t value =
        decltype(boost::hana::unpack(boost::hana::accessors<Type>(), []<class... Each>(Each...) {
            return std::integral_constant<std::size_t, sizeof...(Each)>{};
        }))::value;
};

template <class Type>
    requires std::is_empty_v<Type>
struct number_of_fields<Type> {
    static constexpr std::size_t value = 0;
};

} // namespace detail

/// Converts to `bool` if the members of the struct are known (an empty struct needs no registration);
/// otherwise its type says what is wrong.
template <class Type>
inline constexpr auto has_known_members = [] {
    if constexpr (described<Type> || std::is_empty_v<Type>)
        return detail::members_are_known{};
    else
        return members_are_not_registered_with_hana<Type>{};
}();

/// How many members a described struct has; 0 for an empty one.
template <class Type> inline constexpr std::size_t field_count = 0;

template <class Type>
    requires(described<Type> || std::is_empty_v<Type>)
inline constexpr std::size_t field_count<Type> = detail::number_of_fields<Type>::value;

/// Calls `take(name, member)` for each member in the order of declaration; `name` is a `std::string_view`
/// that lives as long as the program.
template <class Type, class Take> constexpr void for_each_field(Type& value, Take&& take) {
    using plain = std::remove_const_t<Type>;
    if constexpr (!std::is_empty_v<plain>) {
        boost::hana::unpack(boost::hana::accessors<plain>(), [&](auto const&... accessor) {
            (take(
                 std::string_view{boost::hana::to<char const*>(boost::hana::first(accessor))},
                 boost::hana::second(accessor)(value)),
             ...);
        });
    }
}

namespace detail {

template <class Type>
concept tuple_like = requires { std::tuple_size<Type>::value; } && !std::ranges::range<Type>;

template <class Type>
concept optional_like = requires(Type const& value) {
    { value.has_value() } -> std::convertible_to<bool>;
    *value;
};

} // namespace detail

/// Whether two values are equal: structs that have no `==` of their own member by member, containers, tuples
/// and optionals of such structs element by element, everything else by `==`.
template <class Type> constexpr bool equal_fields(Type const& one, Type const& other) {
    if constexpr (std::is_empty_v<Type>) {
        return true;
    } else if constexpr (described<Type> && !std::equality_comparable<Type>) {
        return boost::hana::unpack(boost::hana::accessors<Type>(), [&](auto const&... accessor) {
            return (
                equal_fields(boost::hana::second(accessor)(one), boost::hana::second(accessor)(other)) &&
                ...);
        });
    } else if constexpr (std::ranges::range<Type> && !std::convertible_to<Type, std::string_view>) {
        return std::ranges::equal(
            one, other, [](auto const& left, auto const& right) { return equal_fields(left, right); });
    } else if constexpr (detail::tuple_like<Type>) {
        return [&]<std::size_t... At>(std::index_sequence<At...>) {
            return (equal_fields(std::get<At>(one), std::get<At>(other)) && ...);
        }(std::make_index_sequence<std::tuple_size<Type>::value>{});
    } else if constexpr (detail::optional_like<Type>) {
        return one.has_value() == other.has_value() && (!one.has_value() || equal_fields(*one, *other));
    } else {
        return one == other;
    }
}

} // namespace converge
