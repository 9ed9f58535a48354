// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace converge {

namespace detail {

template <class... Machines>
std::string machine_name_at(std::size_t machine, boost::mp11::mp_list<Machines...>) {
    std::string text;
    std::size_t number = 0;
    ((number++ == machine ? void(text = name_of<Machines>) : void()), ...);
    return text;
}

template <class Process, class Term> struct condition_words {
    static std::string text() {
        return machine_name_at(place_of<Process, Term>.machine, machines_of<Process>{}) + " is " +
               std::string{state_name<Term>};
    }
};

template <class Process, class... Terms> std::string joined_conditions(std::string_view between) {
    std::string text;
    ((text += (text.empty() ? "" : std::string{between}) + condition_words<Process, Terms>::text()), ...);
    return text;
}

template <class Process> struct condition_words<Process, when<>> {
    static std::string text() { return "always"; }
};
template <class Process, class... Terms> struct condition_words<Process, when<Terms...>> {
    static std::string text() { return joined_conditions<Process, Terms...>(" and "); }
};
template <class Process, class... Terms> struct condition_words<Process, any_of<Terms...>> {
    static std::string text() { return "(" + joined_conditions<Process, Terms...>(" or ") + ")"; }
};
template <class Process, class... Terms> struct condition_words<Process, none_of<Terms...>> {
    static std::string text() { return "not (" + joined_conditions<Process, Terms...>(" or ") + ")"; }
};
template <class Process, class Predicate> struct condition_words<Process, holds<Predicate>> {
    static std::string text() { return std::string{state_name<Predicate>}; }
};
template <class Process, class Predicate> struct condition_words<Process, fails<Predicate>> {
    static std::string text() { return "not " + std::string{state_name<Predicate>}; }
};
template <class Process, class Outcome>
    requires requires {
        sizeof(Outcome);
        typename Outcome::condition;
    }
struct condition_words<Process, Outcome> {
    static std::string text() { return std::string{state_name<Outcome>}; }
};

} // namespace detail

/// A condition of a process in words: "payment is paid and cancellation is open". An outcome stands under its
/// name.
template <class Process, class Condition> std::string condition_text() {
    return detail::condition_words<Process, Condition>::text();
}

} // namespace converge
