// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/evolved_data.hpp>
#include <converge/verify/evolved_effects.hpp>
#include <converge/verify/evolved_machines.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/process_structure.hpp>
#include <converge/verify/verified.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <type_traits>

// Whether an old process may become a new one.
namespace converge::detail {

template <class Term> struct old_states_of_term {
    using type = boost::mp11::mp_list<>;
};
template <class Old, class New> struct old_states_of_term<renames<Old, New>> {
    using type = boost::mp11::mp_list<Old>;
};
template <class From, class... To> struct old_states_of_term<moves<From, To...>> {
    using type = states_of_term<From>;
    static_assert(boost::mp11::mp_empty<predicates_of_term<From>>::value, "moves<...> asks states, not data");
};
template <class Term> struct new_states_of_term {
    using type = boost::mp11::mp_list<>;
};
template <class Old, class New> struct new_states_of_term<renames<Old, New>> {
    using type = boost::mp11::mp_list<New>;
};
template <class From, class... To> struct new_states_of_term<moves<From, To...>> {
    using type = boost::mp11::mp_list<To...>;
};
template <class Term> using old_states_t = typename old_states_of_term<Term>::type;
template <class Term> using new_states_t = typename new_states_of_term<Term>::type;

template <class Evolution>
using evolution_structure = typename first_refusal<
    converges<Evolution>, verdict<old_of<Evolution>>, verdict<new_of<Evolution>>,
    std::conditional_t<
        name_of<old_of<Evolution>> == name_of<new_of<Evolution>>, converges<Evolution>,
        process_has_another_name<Evolution, old_of<Evolution>, new_of<Evolution>>>,
    std::conditional_t<
        home_of<old_of<Evolution>>::module_name == home_of<new_of<Evolution>>::module_name,
        converges<Evolution>,
        home_has_moved<Evolution, home_of<old_of<Evolution>>, home_of<new_of<Evolution>>>>,
    decltype(states_verdict<old_of<Evolution>>(joined<old_states_t, typename Evolution::evolution_terms>{})),
    decltype(states_verdict<new_of<Evolution>>(
        joined<new_states_t, typename Evolution::evolution_terms>{}))>::type;

template <class Evolution, class... Machines, class... Effects>
consteval auto decide_places(boost::mp11::mp_list<Machines...>, boost::mp11::mp_list<Effects...>) {
    using places = typename first_refusal<
        converges<Evolution>, typename machine_places<Evolution, Machines>::type...>::type;
    if constexpr (!places::holds)
        return places{};
    else
        return typename first_refusal<
            converges<Evolution>, decltype(decide_consistency<Evolution, Machines>())...,
            typename evolved_effect_verdict<Evolution, Effects>::type...,
            decltype(folds_evolution<Evolution>(folds_of<new_of<Evolution>>{}))>::type{};
}

template <class Evolution> consteval auto decide_evolution() {
    using structure = evolution_structure<Evolution>;
    if constexpr (!structure::holds)
        return structure{};
    else
        return decide_places<Evolution>(machines_of<new_of<Evolution>>{}, effects_of<new_of<Evolution>>{});
}

template <evolution Evolution> struct verdict_of<Evolution> {
    using type = decltype(decide_evolution<Evolution>());
};

} // namespace converge::detail
