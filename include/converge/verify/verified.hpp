// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/compensations.hpp>
#include <converge/verify/guards.hpp>
#include <converge/verify/irreversible_effects.hpp>
#include <converge/verify/machines_verdict.hpp>
#include <converge/verify/process_form.hpp>
#include <converge/verify/process_structure.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace converge {

namespace detail {

/// A fold that counts must be over events that count.
template <class Process, class Fold, class... Events>
auto fold_verdict(boost::mp11::mp_list<Events...>) -> typename first_refusal<
    converges<Process>,
    std::conditional_t<
        !Fold::counts_repeats || boost::mp11::mp_contains<repeats_of<Process>, Events>::value,
        converges<Process>, redelivery_changes_the_fold<Process, Events, Fold>>...>::type;

template <class Process, class... Events> consteval bool in_one_module(boost::mp11::mp_list<Events...>) {
    auto const& events = process_table_of<Process>.events;
    std::array<std::uint16_t, sizeof...(Events)> const modules{
        events[event_index_of<Process, Events>].module...};
    return std::ranges::all_of(modules, [&](auto module) { return module == modules[0]; });
}

template <class Process, class Fold> struct fold_positions_verdict {
    using type = converges<Process>;
};

template <class Process, class Fold>
    requires(Fold::compares_positions && !in_one_module<Process>(typename Fold::events{}))
struct fold_positions_verdict<Process, Fold> {
    using type = positions_of_two_modules_are_compared<Process, Fold>;
};

template <class Process, class... Folds>
auto folds_verdict(boost::mp11::mp_list<Folds...>) -> typename first_refusal<
    converges<Process>, decltype(fold_verdict<Process, Folds>(typename Folds::events{}))...,
    typename fold_positions_verdict<Process, Folds>::type...>::type;

template <class Process, class Effect> struct effect_verdict {
    using type = converges<Process>;
};

template <class Process, class Condition, class Command>
struct effect_verdict<Process, effect<Condition, Command, irreversible>>
    : irreversible_effect_verdict<Process, effect<Condition, Command, irreversible>> {};

// A deadline can always be cancelled.
template <class Process, class Condition, class Event, period After>
struct effect_verdict<Process, effect<Condition, deadline<Event, After>, irreversible>> {
    using type = converges<Process>;
};

template <class Process, class... Effects>
auto effects_verdict(boost::mp11::mp_list<Effects...>) ->
    typename first_refusal<converges<Process>, typename effect_verdict<Process, Effects>::type...>::type;

template <class Process>
auto structure_verdict() -> typename first_refusal<
    converges<Process>, decltype(modules_verdict<Process>(modules_of<Process>{})),
    typename events_verdict<Process>::type, typename machine_names_verdict<Process>::type,
    decltype(states_verdict<Process>(joined<states_of_observed, observations_of<Process>>{})),
    decltype(guards_verdict<Process>(joined<guards_of_machine, machines_of<Process>>{})),
    decltype(compensations_verdict<Process>(undoings_of<Process>{}))>::type;

// Each stage is instantiated only when those before it hold, for it may rely on them.
template <class Process> consteval auto decide_process() {
    using structure = decltype(structure_verdict<Process>());
    if constexpr (!structure::holds) {
        return structure{};
    } else {
        using of_machines = machines_verdict<Process, Process>;
        if constexpr (!of_machines::holds) {
            return of_machines{};
        } else {
            using of_folds = decltype(folds_verdict<Process>(folds_of<Process>{}));
            using of_effects = decltype(effects_verdict<Process>(effects_of<Process>{}));
            using approved = typename approval_with_caveats<Process, Process, has_free_data<Process>>::type;
            return typename first_refusal<approved, of_folds, of_effects>::type{};
        }
    }
}

/// A machine alone, as a process that reads just its events.
template <class Machine, class Events> struct lone_process;
template <class Machine, class... Events> struct lone_process<Machine, boost::mp11::mp_list<Events...>> {
    using reads = converge::reads<module<"lone", Events...>>;
    using machines = converge::machines<Machine>;
};

template <class Machine>
using lone_process_of = lone_process<
    Machine, boost::mp11::mp_unique<boost::mp11::mp_append<
                 machine_events<Machine>,
                 joined<events_of_term, environment_of<lone_process<Machine, boost::mp11::mp_list<>>>>>>>;

template <class Machine> consteval auto decide_machine() {
    using process = lone_process_of<Machine>;
    using of_machine = machines_verdict<Machine, process>;
    if constexpr (!of_machine::holds)
        return of_machine{};
    else
        return typename approval_with_caveats<Machine, process, false>::type{};
}

template <class Type> consteval auto decide() {
    using form = form_verdict<Type>;
    if constexpr (!form::holds)
        return form{};
    else if constexpr (process<Type>)
        return decide_process<Type>();
    else
        return decide_machine<Type>();
}

// The detour over `std::type_identity` makes clang print the verdict's names in full and not as they are
// written in the library.
template <class Type> struct verdict_of {
    using type = typename std::type_identity<decltype(decide<Type>())>::type;
};

template <class Verdict> inline constexpr bool has_no_caveats = false;
template <class Process> inline constexpr bool has_no_caveats<converges<Process>> = true;

} // namespace detail

/// What the compiler proved of a process or a machine: `converges<T, caveats...>`, or the first thing that is
/// wrong, as a type whose name is a sentence. The docstrings in verify/verdict.hpp say what each means and
/// what to do.
template <class Type> using verdict = typename detail::verdict_of<Type>::type;

/// To be asserted, once for each process: `static_assert(converge::verified<order_process>);`. It converts to
/// `bool` only if the verdict holds; the compiler's error prints the verdict otherwise. Not `bool`, so that
/// the error is a single line.
template <class Type> inline constexpr auto verified = verdict<Type>{};

/// The verdict holds. For `requires` and `if constexpr`.
template <class Type>
concept convergent = verdict<Type>::holds;

/// The proof needs neither an environment nor accepted races nor equivalent states, and covers the data. Then
/// an event that changes nothing need not be remembered: it changes nothing later either.
template <class Type> inline constexpr bool unconditionally_verified = detail::has_no_caveats<verdict<Type>>;

} // namespace converge
