// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/name.hpp>

#include <concepts>
#include <string_view>

namespace converge {

/// Visibility of an event type: every module may read it. The default.
struct public_ {};

/// Visibility of an event type: it takes a position in its module's log like any other, but nobody outside
/// the module can read it. Say `using visibility = converge::internal;` in the event, or specialise
/// `event_traits`.
struct internal {};

namespace detail {

template <class Event> consteval std::string_view declared_wire_name() {
    if constexpr (requires { std::string_view{Event::wire_name.text}; })
        return Event::wire_name.text;
    else
        return unqualified_name<Event>();
}

template <class Event> struct declared_visibility {
    using type = public_;
};

template <class Event>
    requires requires { typename Event::visibility; }
struct declared_visibility<Event> {
    using type = typename Event::visibility;
    static_assert(
        std::same_as<type, public_> || std::same_as<type, internal>,
        "an event's visibility is converge::public_ or converge::internal");
};

} // namespace detail

/// What converge knows of an event type beside its members. Specialise it, with both members, for types you
/// do not own.
///
/// - `wire_name`: the name in the log, which must never change once events are stored. By default the event's
/// member
///   `static constexpr converge::name wire_name`, else the type's unqualified name.
/// - `visibility`: `public_` or `internal`. By default the event's member type `visibility`, else `public_`.
template <class Event> struct event_traits {
    static constexpr std::string_view wire_name = detail::declared_wire_name<Event>();
    using visibility = typename detail::declared_visibility<Event>::type;
};

/// The event's name in the log.
template <class Event> inline constexpr std::string_view wire_name_of = event_traits<Event>::wire_name;

/// Whether only its own module may read the event.
template <class Event>
inline constexpr bool is_internal = std::same_as<typename event_traits<Event>::visibility, internal>;

} // namespace converge
