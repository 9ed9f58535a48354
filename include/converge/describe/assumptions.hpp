// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/environment.hpp>
#include <converge/verify/verified.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace converge {

namespace detail {

template <class Event> std::string event_text() { return std::string{wire_name_of<Event>}; }

template <class Term> struct term_text;
template <class Cause, class Consequence> struct term_text<happens_before<Cause, Consequence>> {
    static std::string text() {
        return "assumed: " + event_text<Cause>() + " comes before any " + event_text<Consequence>();
    }
};
template <class One, class Other> struct term_text<exclusive<One, Other>> {
    static std::string text() {
        return "assumed: never both " + event_text<One>() + " and " + event_text<Other>();
    }
};
template <std::size_t Limit, class Event> struct term_text<at_most<Limit, Event>> {
    static std::string text() {
        return "assumed: at most " + std::to_string(Limit) + " x " + event_text<Event>();
    }
};
template <class One, class Other> struct term_text<accepts_race<One, Other>> {
    static std::string text() {
        return "accepted: " + event_text<One>() + " and " + event_text<Other>() +
               " race, either order is fine";
    }
};

/// A caveat of the verdict in words; an accepted race says so itself.
template <class Process, class Caveat> void add_caveat(std::vector<std::string>& lines) {
    if constexpr (std::same_as<Caveat, except_for_its_data>) {
        lines.emplace_back("not proved: what apply does to the data");
    } else if constexpr (std::same_as<Caveat, up_to_equivalent_states>) {
        lines.emplace_back("proved up to states that no effect, outcome or later event tells apart");
    } else if constexpr (std::same_as<Caveat, in_its_environment>) {
        boost::mp11::mp_for_each<boost::mp11::mp_transform<
            std::type_identity, boost::mp11::mp_remove_if<environment_of<Process>, is_accepted_race>>>(
            [&]<class Term>(std::type_identity<Term>) { lines.push_back(term_text<Term>::text()); });
    } else {
        lines.push_back(term_text<Caveat>::text());
    }
}

template <class Type, class Process, class... Caveats>
void add_caveats(std::vector<std::string>& lines, std::type_identity<converges<Type, Caveats...>>) {
    (add_caveat<Process, Caveats>(lines), ...);
}

template <class Type> struct process_itself {
    using type = Type;
};
template <machine Type>
    requires(!process<Type>)
struct process_itself<Type> {
    using type = lone_process_of<Type>;
};

} // namespace detail

/// What the proof of a process or a machine rests on beside its rows, a line each: the environment that it
/// needs, the races that it accepts, the data that it does not look into. Empty when it converges in all
/// histories.
template <convergent Type> std::vector<std::string> assumptions_of() {
    std::vector<std::string> lines;
    detail::add_caveats<Type, typename detail::process_itself<Type>::type>(
        lines, std::type_identity<verdict<Type>>{});
    return lines;
}

} // namespace converge
