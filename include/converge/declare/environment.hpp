// SPDX-License-Identifier: MIT
#pragma once

#include <boost/mp11/list.hpp>

#include <cstddef>

namespace converge {

/// No `Consequence` arrives before the first `Cause`: its module learns of the cause before it writes
/// it. Whoever declares it promises that the *reader* sees that order too.
template <class Cause, class Consequence> struct happens_before {
    using events = boost::mp11::mp_list<Cause, Consequence>;
};

/// At most one of the two ever happens to an instance, in whatever order.
template <class One, class Other> struct exclusive {
    using events = boost::mp11::mp_list<One, Other>;
};

/// The event happens at most `Limit` times to an instance. Its redeliveries do not count, and are still
/// checked.
template <std::size_t Limit, class Event> struct at_most {
    static constexpr std::size_t limit = Limit;
    using events = boost::mp11::mp_list<Event>;
};

/// Either order of the two events is fine, although they lead to different ends. The verdict, the diagram and
/// the report name it. All other orders are still checked: histories that agree in the order of these two
/// agree in the end.
template <class One, class Other> struct accepts_race {
    using events = boost::mp11::mp_list<One, Other>;
};

/// What is known of the histories of a process or a machine, for its member type `environment`: a list of
/// `happens_before`, `exclusive`, `at_most` and `accepts_race`. Histories that cannot happen need not
/// converge; nothing is checked at run time, so a promise that is broken leaves the order of that instance's
/// events open.
template <class... Terms> struct environment {
    using list = boost::mp11::mp_list<Terms...>;
};

} // namespace converge
