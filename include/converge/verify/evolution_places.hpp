// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/evolution.hpp>
#include <converge/verify/composition.hpp>
#include <converge/verify/observation.hpp>
#include <converge/verify/process_structure.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

// Where the instances of an old process stand in the new one.
namespace converge::detail {

template <class Evolution> using old_of = typename Evolution::old_process;
template <class Evolution> using new_of = typename Evolution::new_process;

// --- the declaration as lists and numbers

template <class Term> struct is_renames : boost::mp11::mp_false {};
template <class Old, class New> struct is_renames<renames<Old, New>> : boost::mp11::mp_true {};
template <class Term> struct is_moves : boost::mp11::mp_false {};
template <class From, class... To> struct is_moves<moves<From, To...>> : boost::mp11::mp_true {};

template <class Evolution>
using renames_of = boost::mp11::mp_copy_if<typename Evolution::evolution_terms, is_renames>;
template <class Evolution>
using moves_of = boost::mp11::mp_copy_if<typename Evolution::evolution_terms, is_moves>;

template <class Evolution, class Part>
inline constexpr bool begins_anew =
    boost::mp11::mp_contains<typename Evolution::evolution_terms, begins<Part>>::value;

template <class Moves> struct moves_parts;
template <class From, class... To> struct moves_parts<moves<From, To...>> {
    using condition = when<From>;
    using targets = boost::mp11::mp_list<To...>;
};

/// A state of the old process and one of the new process.
struct renamed_state {
    state_place from;
    state_place to;
};

template <class Evolution, class... Old, class... New>
consteval auto collect_renames(boost::mp11::mp_list<renames<Old, New>...>) {
    return std::array<renamed_state, sizeof...(Old)>{
        renamed_state{place_of<old_of<Evolution>, Old>, place_of<new_of<Evolution>, New>}...};
}

template <class Evolution>
inline constexpr auto renames_in = collect_renames<Evolution>(renames_of<Evolution>{});

inline constexpr std::size_t no_machine = ~std::size_t{0};
inline constexpr std::size_t two_machines = no_machine - 1;

template <class Process, class... Machines>
consteval std::size_t machine_named(std::string_view name, boost::mp11::mp_list<Machines...>) {
    std::size_t found = no_machine;
    std::size_t number = 0;
    ((found = name_of<Machines> == name ? number : found, ++number), ...);
    return found;
}

/// The machine of the old process whose states a machine of the new one takes over.
template <class Evolution, class Machine> consteval std::size_t find_predecessor() {
    constexpr auto number = boost::mp11::mp_find<machines_of<new_of<Evolution>>, Machine>::value;
    std::size_t found = no_machine;
    for (auto const& each : renames_in<Evolution>)
        if (each.to.machine == number)
            found = found == no_machine || found == each.from.machine ? each.from.machine : two_machines;
    if (found == no_machine)
        found = machine_named<old_of<Evolution>>(name_of<Machine>, machines_of<old_of<Evolution>>{});
    return found;
}

template <class Evolution, class Machine>
inline constexpr std::size_t predecessor_of = find_predecessor<Evolution, Machine>();

/// Which state of a new machine takes each state of its predecessor, by `renames` or by name; `no_state` if
/// none does.
inline constexpr std::size_t no_state = maximum_states;

template <class Evolution, class Machine> consteval auto map_states() {
    std::array<std::size_t, maximum_states> mapped{};
    mapped.fill(no_state);
    constexpr auto predecessor = predecessor_of<Evolution, Machine>;
    if constexpr (predecessor < two_machines) {
        auto const& from = table_of<boost::mp11::mp_at_c<machines_of<old_of<Evolution>>, predecessor>>;
        auto const& to = table_of<Machine>;
        for (std::size_t state = 0; state < from.states.size(); ++state)
            for (std::size_t target = 0; target < to.states.size(); ++target)
                if (from.states[state]->name == to.states[target]->name)
                    mapped[state] = target;
        for (auto const& each : renames_in<Evolution>)
            if (each.to.machine == boost::mp11::mp_find<machines_of<new_of<Evolution>>, Machine>::value)
                mapped[each.from.state] = each.to.state;
    }
    return mapped;
}

template <class Evolution, class Machine>
inline constexpr auto mapped_states = map_states<Evolution, Machine>();

/// Whether the old process reads an event that the machine or the fold knows.
template <class Evolution, class... Events>
consteval bool old_process_reads(boost::mp11::mp_list<Events...>) {
    return (boost::mp11::mp_contains<events_of<old_of<Evolution>>, Events>::value || ...);
}

// --- one instance

/// Where an old instance stands in one machine of the new process: in `state`, or nowhere, or in two places.
struct evolved_place {
    std::size_t state = no_state;
    std::size_t other = no_state;

    constexpr void add(std::size_t to) {
        if (state == no_state)
            state = to;
        else if (state != to)
            other = to;
    }
};

template <class Evolution, class Move, class... To>
constexpr void add_moved(
    evolved_place& place, std::size_t machine, machine_states<old_of<Evolution>> const& in,
    boost::mp11::mp_list<To...>) {
    if (!term_parts<typename moves_parts<Move>::condition>::template value<old_of<Evolution>>(
            in, assumed_data<boost::mp11::mp_list<>>{}))
        return;
    ((place_of<new_of<Evolution>, To>.machine == machine ? place.add(place_of<new_of<Evolution>, To>.state)
                                                         : void()),
     ...);
}

template <class Evolution, class Machine, class... Moves>
constexpr evolved_place
place_in(machine_states<old_of<Evolution>> const& in, boost::mp11::mp_list<Moves...>) {
    [[maybe_unused]] constexpr auto number =
        boost::mp11::mp_find<machines_of<new_of<Evolution>>, Machine>::value;
    evolved_place place;
    (add_moved<Evolution, Moves>(place, number, in, typename moves_parts<Moves>::targets{}), ...);
    if (place.state != no_state)
        return place;
    if constexpr (begins_anew<Evolution, Machine>)
        place.state = table_of<Machine>.initial;
    else if constexpr (predecessor_of<Evolution, Machine> < two_machines)
        place.state = mapped_states<Evolution, Machine>[in[predecessor_of<Evolution, Machine>]];
    else if constexpr (!old_process_reads<Evolution>(machine_events<Machine>{}))
        place.state = table_of<Machine>.initial;
    return place;
}

/// The old machines that decide where an instance stands in a new machine.
template <class Evolution, class Machine, class... Moves>
consteval machine_set machines_that_place(boost::mp11::mp_list<Moves...>) {
    [[maybe_unused]] constexpr auto number =
        boost::mp11::mp_find<machines_of<new_of<Evolution>>, Machine>::value;
    [[maybe_unused]] constexpr auto aims_here = []<class... To>(boost::mp11::mp_list<To...>) {
        return ((place_of<new_of<Evolution>, To>.machine == number) || ...);
    };
    machine_set set = predecessor_of<Evolution, Machine> < two_machines && !begins_anew<Evolution, Machine>
                          ? only_machine(predecessor_of<Evolution, Machine>)
                          : machine_set{0};
    ((set |= aims_here(typename moves_parts<Moves>::targets{})
                 ? machines_in_condition<old_of<Evolution>, typename moves_parts<Moves>::condition>
                 : 0),
     ...);
    return set;
}

template <class Evolution, class... Machines>
constexpr auto evolve(machine_states<old_of<Evolution>> const& in, boost::mp11::mp_list<Machines...>) {
    return machine_states<new_of<Evolution>>{
        static_cast<state_index>(place_in<Evolution, Machines>(in, moves_of<Evolution>{}).state)...};
}

} // namespace converge::detail
