// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/first_refusal.hpp>
#include <converge/verify/machine_types.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <concepts>
#include <type_traits>

// A guard reads the event alone, so that it comes out the same in every order.
namespace converge::detail {

template <class Event, class Guard> struct guard_on_event {
    static constexpr bool reads_the_event_alone = requires(Guard const& guard, Event const& event) {
        { guard(event) } -> std::convertible_to<bool>;
    };
};

template <class Row> struct guards_on_row {
    template <class Guard> using on_event = guard_on_event<event_of_row<Row>, Guard>;
    using type = boost::mp11::mp_transform<on_event, guards_of_row<Row>>;
};
template <class Row> using guards_on_row_t = typename guards_on_row<Row>::type;

template <class Machine>
using guards_of_machine = boost::mp11::mp_unique<
    boost::mp11::mp_flatten<boost::mp11::mp_transform<guards_on_row_t, rows_with_additions<Machine>>>>;

template <class Process, class Event, class Guard>
auto guard_verdict(guard_on_event<Event, Guard>) -> std::conditional_t<
    guard_on_event<Event, Guard>::reads_the_event_alone, converges<Process>,
    guard_must_read_the_event_alone<Process, Event, Guard>>;

template <class Process, class... Guards>
auto guards_verdict(boost::mp11::mp_list<Guards...>) ->
    typename first_refusal<converges<Process>, decltype(guard_verdict<Process>(Guards{}))...>::type;

} // namespace converge::detail
