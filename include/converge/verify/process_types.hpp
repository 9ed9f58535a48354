// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_table.hpp>
#include <converge/verify/machine_types.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <cstddef>
#include <type_traits>

// The way back from the indices of a process's table to types. It is only taken when a check failed.
namespace converge::detail {

template <class Process>
using process_guards = boost::mp11::mp_apply<
    boost::mp11::mp_append,
    boost::mp11::mp_push_front<
        boost::mp11::mp_transform<mentioned_guards, machines_of<Process>>, boost::mp11::mp_list<>>>;

template <class Process, std::size_t Event, std::size_t Guard>
using process_guard_type = type_number<
    process_guards<Process>,
    position_of(process_guards<Process>{}, process_table_of<Process>.events[Event].guards[Guard])>;

template <class Process, std::size_t Event, std::size_t Outcome, std::size_t Guard>
struct wrapped_process_letter {
    using inner = typename wrapped_process_letter<Process, Event, Outcome, Guard - 1>::type;
    using guard = process_guard_type<Process, Event, Guard - 1>;
    using type =
        std::conditional_t<((Outcome >> (Guard - 1)) & 1U) != 0, if_<inner, guard>, unless<inner, guard>>;
};

template <class Process, std::size_t Event, std::size_t Outcome>
struct wrapped_process_letter<Process, Event, Outcome, 0> {
    using type = type_number<events_of<Process>, Event>;
};

template <
    class Process, std::size_t Letter, std::size_t Event = process_table_of<Process>.event_of_letter[Letter]>
using process_letter_type = typename wrapped_process_letter<
    Process, Event, Letter - process_table_of<Process>.events[Event].letter_base,
    process_table_of<Process>.events[Event].guard_count>::type;

} // namespace converge::detail
