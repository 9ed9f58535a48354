// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/event.hpp>

#include <boost/mp11/list.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace converge {

/// A bounded context: a name, its event types, one log with one position sequence. Derive a struct from it,
/// so that error messages say its name: `struct module : converge::module<"payments", payment_received,
/// payment_timed_out> {};`
///
/// The name is stored; it must never change. The wire names of its events must differ.
template <literal_name Name, class... Events> struct module {
    static constexpr std::string_view module_name = Name.view();
    using events = boost::mp11::mp_list<Events...>;
};

/// A type that derives from `module<...>`, or is one.
template <class Type>
concept event_module = requires {
    { Type::module_name } -> std::convertible_to<std::string_view>;
    typename Type::events;
};

/// The modules a process reads, each with a cursor of its own.
template <class... Modules> struct reads {
    using list = boost::mp11::mp_list<Modules...>;
    static constexpr std::size_t size = sizeof...(Modules);
};

} // namespace converge
