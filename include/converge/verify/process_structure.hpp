// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>
#include <converge/declare/process_parts.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/machine_types.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>

// Whether the parts of a process fit together: events and modules, machines and names, conditions and states.
namespace converge::detail {

inline constexpr std::size_t nothing = ~std::size_t{0};

/// How a process stands to an event that it uses.
enum class event_standing { readable, in_no_module, in_two_modules, foreign_internal };

template <class Process, class Event> consteval event_standing standing_of() {
    constexpr std::size_t modules = boost::mp11::mp_count<events_of<Process>, Event>::value;
    if constexpr (modules == 0)
        return event_standing::in_no_module;
    else if constexpr (modules > 1)
        return event_standing::in_two_modules;
    else if constexpr (is_internal<Event>)
        return boost::mp11::mp_contains<typename home_of<Process>::events, Event>::value
                   ? event_standing::readable
                   : event_standing::foreign_internal;
    else
        return event_standing::readable;
}

template <class Module, class Event>
using module_has = boost::mp11::mp_contains<typename Module::events, Event>;

template <class Process, class Event, event_standing = standing_of<Process, Event>()> struct event_verdict {
    using type = converges<Process>;
};

template <class Process, class Event> struct event_verdict<Process, Event, event_standing::in_no_module> {
    using type = event_is_in_no_module_read<Process, Event>;
};

template <class Process, class Event> struct event_verdict<Process, Event, event_standing::in_two_modules> {
    using type = event_is_in_two_modules<Process, Event>;
};

template <class Process, class Event> struct event_verdict<Process, Event, event_standing::foreign_internal> {
    template <class Module> using has = module_has<Module, Event>;
    using type = event_is_internal_to_another_module<
        Process, Event,
        boost::mp11::mp_at<modules_of<Process>, boost::mp11::mp_find_if<modules_of<Process>, has>>>;
};

template <class Effect> struct event_of_effect {
    using type = boost::mp11::mp_list<>;
};

template <class Condition, class Event, period After>
struct event_of_effect<effect<Condition, deadline<Event, After>, irreversible>> {
    using type = boost::mp11::mp_list<Event>;
};

template <class Effect> using events_of_effect = typename event_of_effect<Effect>::type;

template <class Fold> using events_of_fold = typename Fold::events;

template <class Process> using folds_of = typename fold_list<data_of<Process>>::type;

template <template <class> class Part, class List>
using joined = boost::mp11::mp_apply<
    boost::mp11::mp_append,
    boost::mp11::mp_push_front<boost::mp11::mp_transform<Part, List>, boost::mp11::mp_list<>>>;

// The distinct events of a machine.
template <class Machine, class Sequence> struct table_events;

template <class Machine, std::size_t... Events> struct table_events<Machine, std::index_sequence<Events...>> {
    using type = boost::mp11::mp_list<event_type<Machine, Events>...>;
};

template <class Machine>
using machine_events =
    typename table_events<Machine, std::make_index_sequence<table_of<Machine>.event_count>>::type;

/// Every event that moves a process: in machines, folds, deadlines. `mp_list`, with repeats.
template <class Process>
using used_events = boost::mp11::mp_append<
    joined<machine_events, machines_of<Process>>, joined<events_of_fold, folds_of<Process>>,
    joined<events_of_effect, effects_of<Process>>>;

template <class Term> using events_of_term = typename Term::events;

/// The event of a `correlate` that is one function and no template. `mp_list`.
template <class Function> struct argument_of {
    using type = boost::mp11::mp_list<>;
};
template <class Key, class Event> struct argument_of<Key (*)(Event const&)> {
    using type = boost::mp11::mp_list<Event>;
};
template <class Process> struct correlated_events {
    using type = boost::mp11::mp_list<>;
};
template <class Process>
    requires requires { &Process::correlate; }
struct correlated_events<Process> : argument_of<decltype(&Process::correlate)> {};

/// Every event that a process names anywhere. `mp_list`, with repeats.
template <class Process>
using named_events = boost::mp11::mp_append<
    used_events<Process>, joined<events_of_term, environment_of<Process>>, repeats_of<Process>,
    typename correlated_events<Process>::type>;

template <class Process, class... Events>
auto events_verdict(boost::mp11::mp_list<Events...>) ->
    typename first_refusal<converges<Process>, typename event_verdict<Process, Events>::type...>::type;

/// Indices of the first two equal entries.
struct equal_pair {
    std::size_t first = nothing;
    std::size_t second = nothing;
};

template <std::size_t Size> consteval equal_pair find_equal(std::array<std::string_view, Size> const& texts) {
    for (std::size_t second = 0; second < Size; ++second)
        for (std::size_t first = 0; first < second; ++first)
            if (texts[first] == texts[second])
                return {first, second};
    return {};
}

template <class... Events> consteval auto wire_names(boost::mp11::mp_list<Events...>) {
    return std::array<std::string_view, sizeof...(Events)>{wire_name_of<Events>...};
}

template <class Module, equal_pair Pair = find_equal(wire_names(typename Module::events{}))>
struct module_verdict {
    using type = two_events_share_a_wire_name<
        Module, type_number<typename Module::events, Pair.first>,
        type_number<typename Module::events, Pair.second>>;
};

template <class Module> struct module_verdict<Module, equal_pair{}> {
    using type = converges<Module>;
};

template <class Process, class... Modules>
auto modules_verdict(boost::mp11::mp_list<Modules...>) ->
    typename first_refusal<converges<Process>, typename module_verdict<Modules>::type...>::type;

template <class... Machines> consteval auto machine_names(boost::mp11::mp_list<Machines...>) {
    return std::array<std::string_view, sizeof...(Machines)>{name_of<Machines>...};
}

template <class Process, equal_pair Pair = find_equal(machine_names(machines_of<Process>{}))>
struct machine_names_verdict {
    using type = two_machines_share_a_name<
        Process, type_number<machines_of<Process>, Pair.first>,
        type_number<machines_of<Process>, Pair.second>>;
};

template <class Process> struct machine_names_verdict<Process, equal_pair{}> {
    using type = converges<Process>;
};

template <class Process, class State, std::size_t Machines = place_of<Process, State>.machines>
struct state_verdict {
    using type = state_is_in_two_machines<Process, State>;
};

template <class Process, class State> struct state_verdict<Process, State, 0> {
    using type = state_is_in_no_machine<Process, State>;
};

template <class Process, class State> struct state_verdict<Process, State, 1> {
    using type = converges<Process>;
};

template <class Observed> using states_of_observed = states_of_term<typename Observed::condition>;

template <class Process, class... States>
auto states_verdict(boost::mp11::mp_list<States...>) ->
    typename first_refusal<converges<Process>, typename state_verdict<Process, States>::type...>::type;

} // namespace converge::detail
