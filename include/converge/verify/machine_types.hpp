// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine_table.hpp>
#include <converge/verify/history.hpp>
#include <converge/verify/reachability.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

// The way back from the indices of a table to the types it was made of. It is only taken when a check failed.
namespace converge::detail {

template <class Row> using from_of_row = typename row_parts<Row>::from;
template <class Row> using to_of_row = typename row_parts<Row>::to;
template <class Row> using event_of_row = typename row_parts<Row>::event;

template <class Letter> struct guards_of_letter {
    using type = boost::mp11::mp_list<>;
};
template <class Letter, class Guard> struct guards_of_letter<if_<Letter, Guard>> {
    using type = boost::mp11::mp_push_back<typename guards_of_letter<Letter>::type, Guard>;
};
template <class Letter, class Guard>
struct guards_of_letter<unless<Letter, Guard>> : guards_of_letter<if_<Letter, Guard>> {};

template <class Row> using guards_of_row = typename guards_of_letter<typename row_parts<Row>::letter>::type;
template <class Row> using sends_of_row = typename row_parts<Row>::commands;
template <class Command> using net_command_t = typename net_command<Command>::type;

// Entry `At` of a list. The detour over `std::type_identity` makes clang 14 print the type and not how it was
// found.
template <class List, std::size_t At>
using type_number =
    typename boost::mp11::mp_at_c<boost::mp11::mp_transform<std::type_identity, List>, At>::type;

template <class Machine>
using mentioned_states = boost::mp11::mp_append<
    boost::mp11::mp_transform<from_of_row, machine_rows<Machine>>,
    boost::mp11::mp_transform<to_of_row, machine_rows<Machine>>>;

template <class Machine>
using mentioned_events = boost::mp11::mp_transform<event_of_row, machine_rows<Machine>>;

template <class Machine>
using mentioned_guards =
    boost::mp11::mp_flatten<boost::mp11::mp_transform<guards_of_row, rows_with_additions<Machine>>>;

template <class Machine>
using mentioned_commands = boost::mp11::mp_transform<
    net_command_t,
    boost::mp11::mp_flatten<boost::mp11::mp_transform<sends_of_row, rows_with_additions<Machine>>>>;

template <class... Types>
consteval std::size_t position_of(boost::mp11::mp_list<Types...> types, type_identity wanted) {
    return find_identity(identities(types), sizeof...(Types), wanted);
}

template <class Machine, std::size_t State>
using state_type = type_number<
    mentioned_states<Machine>, position_of(mentioned_states<Machine>{}, table_of<Machine>.states[State])>;

template <class Machine, std::size_t Event>
using event_type = type_number<
    mentioned_events<Machine>, position_of(mentioned_events<Machine>{}, table_of<Machine>.events[Event])>;

template <class Machine, std::size_t Event, std::size_t Guard>
using guard_type = type_number<
    mentioned_guards<Machine>,
    position_of(mentioned_guards<Machine>{}, table_of<Machine>.guards[Event][Guard])>;

template <class Machine, std::size_t Command>
using command_type = type_number<
    mentioned_commands<Machine>,
    position_of(mentioned_commands<Machine>{}, table_of<Machine>.commands[Command])>;

// The letter as the user writes it: the event, wrapped once for each guard.
template <class Machine, std::size_t Event, std::size_t Outcome, std::size_t Guard> struct wrapped_letter {
    using inner = typename wrapped_letter<Machine, Event, Outcome, Guard - 1>::type;
    using guard = guard_type<Machine, Event, Guard - 1>;
    using type =
        std::conditional_t<((Outcome >> (Guard - 1)) & 1U) != 0, if_<inner, guard>, unless<inner, guard>>;
};

template <class Machine, std::size_t Event, std::size_t Outcome>
struct wrapped_letter<Machine, Event, Outcome, 0> {
    using type = event_type<Machine, Event>;
};

template <class Machine, std::size_t Letter, std::size_t Event = table_of<Machine>.event_of_letter[Letter]>
using letter_type = typename wrapped_letter<
    Machine, Event, Letter - table_of<Machine>.letter_base[Event],
    table_of<Machine>.guard_counts[Event]>::type;

/// A shortest history to a state, followed by more letters.
template <class Machine, std::size_t State, std::size_t... More> struct history_to {
    static constexpr auto const& table = table_of<Machine>;
    static constexpr auto const& reached = reached_of<Machine>;

    template <std::size_t... Steps>
    static auto make(std::index_sequence<Steps...>) -> history<
        letter_type<Machine, reached.letter(static_cast<state_index>(State), table.initial, Steps)>...,
        letter_type<Machine, More>...>;

    using type = decltype(make(
        std::make_index_sequence<reached.distance(static_cast<state_index>(State), table.initial)>{}));
};

template <class Machine, std::size_t State, std::size_t... More>
using history_type = typename history_to<Machine, State, More...>::type;

} // namespace converge::detail
