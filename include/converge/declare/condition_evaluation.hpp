// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition.hpp>
#include <converge/declare/process_parts.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace converge {

/// The states of an instance's machines, one byte each, in the order of `machines_of<Process>`.
template <class Process> using machine_states = std::array<state_index, machine_count_of<Process>>;

namespace detail {

/// Where a state lives: machine and index in it; `machines` says how many machines have it (1 in a
/// well-formed process).
struct state_place {
    std::size_t machine = 0;
    state_index state = 0;
    std::size_t machines = 0;
};

template <class State, class... Machines>
consteval state_place place_of_state(boost::mp11::mp_list<Machines...>) {
    state_place found;
    std::size_t machine = 0;
    auto look = [&](auto const& states) {
        auto const at = index_in<State>(states);
        if (at < states.size()) {
            found.machine = machine;
            found.state = static_cast<state_index>(at);
            ++found.machines;
        }
        ++machine;
    };
    (look(table_of<Machines>.states), ...);
    return found;
}

template <class Process, class State>
inline constexpr state_place place_of = place_of_state<State>(machines_of<Process>{});

/// Some machines of a process: bit i is its machine i. Not an array of `bool`: as template arguments, g++ 12
/// takes different ones for the same.
using machine_set = std::uint64_t;

constexpr machine_set only_machine(std::size_t number) noexcept { return machine_set{1} << number; }
constexpr bool has_machine(machine_set set, std::size_t number) noexcept { return (set >> number & 1U) != 0; }

/// The machines that have one of the states.
template <class Process, class... States>
consteval machine_set machines_with(boost::mp11::mp_list<States...>) {
    static_assert(machine_count_of<Process> <= 64, "a process has at most 64 machines; nest smaller ones");
    return (machine_set{0} | ... | only_machine(place_of<Process, States>.machine));
}

/// What a term mentions, as lists, and its value for given states and data.
template <class Term> struct term_parts {
    using states = boost::mp11::mp_list<Term>;
    using predicates = boost::mp11::mp_list<>;

    template <class Process, class Data>
    static constexpr bool value(machine_states<Process> const& in, Data const&) {
        return in[place_of<Process, Term>.machine] == place_of<Process, Term>.state;
    }
};

template <class Term> using states_of_term = typename term_parts<Term>::states;
template <class Term> using predicates_of_term = typename term_parts<Term>::predicates;

template <class... Terms> struct joined_terms {
    using states = boost::mp11::mp_append<boost::mp11::mp_list<>, states_of_term<Terms>...>;
    using predicates = boost::mp11::mp_append<boost::mp11::mp_list<>, predicates_of_term<Terms>...>;
};

template <class... Terms> struct term_parts<when<Terms...>> : joined_terms<Terms...> {
    template <class Process, class Data>
    static constexpr bool value(machine_states<Process> const& in, Data const& data) {
        return (term_parts<Terms>::template value<Process>(in, data) && ...);
    }
};

template <class... Terms> struct term_parts<any_of<Terms...>> : joined_terms<Terms...> {
    template <class Process, class Data>
    static constexpr bool value(machine_states<Process> const& in, Data const& data) {
        return (term_parts<Terms>::template value<Process>(in, data) || ...);
    }
};

template <class... Terms> struct term_parts<none_of<Terms...>> : joined_terms<Terms...> {
    template <class Process, class Data>
    static constexpr bool value(machine_states<Process> const& in, Data const& data) {
        return !(term_parts<Terms>::template value<Process>(in, data) || ...);
    }
};

/// Stands for data that is not known: bit i is what predicate i of the list says of it.
template <class Predicates> struct assumed_data {
    unsigned answers = 0;
};

template <class Predicate, class Data> constexpr bool ask(Data const& data) {
    return static_cast<bool>(Predicate{}(data));
}

template <class Predicate, class Predicates> constexpr bool ask(assumed_data<Predicates> const& data) {
    return (data.answers >> boost::mp11::mp_find<Predicates, Predicate>::value & 1U) != 0;
}

template <class Predicate, bool Wanted> struct predicate_parts {
    using states = boost::mp11::mp_list<>;
    using predicates = boost::mp11::mp_list<Predicate>;

    template <class Process, class Data>
    static constexpr bool value(machine_states<Process> const&, Data const& data) {
        return ask<Predicate>(data) == Wanted;
    }
};

template <class Predicate> struct term_parts<holds<Predicate>> : predicate_parts<Predicate, true> {};

template <class Predicate> struct term_parts<fails<Predicate>> : predicate_parts<Predicate, false> {};

// An outcome is used through a struct that derives from it. States are usually incomplete, so completeness is
// asked first.
template <class Term>
    requires requires {
        sizeof(Term);
        typename Term::condition;
    }
struct term_parts<Term> : term_parts<typename Term::condition> {};

} // namespace detail

/// Whether a condition holds for the states and data of an instance. Complexity: linear in the number of
/// terms.
template <class Process, class Condition>
constexpr bool condition_holds(machine_states<Process> const& in, data_of<Process> const& data) {
    return detail::term_parts<Condition>::template value<Process>(in, data);
}

} // namespace converge
