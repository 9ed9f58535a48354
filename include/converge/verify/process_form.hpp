// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition.hpp>
#include <converge/declare/process_parts.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/machine_form.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

// Whether a process is written as one, before anything is made of its parts.
namespace converge::detail {

template <class Type> consteval auto decide_form();
template <class Type> using form_verdict = decltype(decide_form<Type>());

/// A member type that is there must be a list: `Given` itself has one, or it is an entry that stands alone.
template <class Type, class Given, template <class...> class List> consteval auto list_verdict() {
    if constexpr (requires { typename Given::list; })
        return converges<Type>{};
    else
        return member_type_must_be_a_list<Type, Given, mend_with<List<Given>>>{};
}

/// Each optional member type that is there is a list. (`machines` and `reads` are asked for by the concept of
/// a process.)
template <class Type>
concept has_lists =
    (!requires { typename Type::effects; } || requires { typename Type::effects::list; }) &&
    (!requires { typename Type::repeats; } || requires { typename Type::repeats::list; }) &&
    (!requires { typename Type::environment; } || requires { typename Type::environment::list; }) &&
    (!requires { typename Type::outcomes; } || requires { typename Type::outcomes::list; });

/// For a type that does not have lists: the member that is none.
template <class Type> consteval auto decide_lists() {
    if constexpr (requires { typename Type::effects; } && !requires { typename Type::effects::list; })
        return list_verdict<Type, typename Type::effects, converge::effects>();
    else if constexpr (requires { typename Type::repeats; } && !requires { typename Type::repeats::list; })
        return list_verdict<Type, typename Type::repeats, converge::repeats>();
    else if constexpr (
        requires { typename Type::environment; } && !requires { typename Type::environment::list; })
        return list_verdict<Type, typename Type::environment, converge::environment>();
    else
        return list_verdict<Type, typename Type::outcomes, converge::outcomes>();
}

// --- modules

template <class Process, class... Modules>
auto modules_form(boost::mp11::mp_list<Modules...>) -> typename first_refusal<
    converges<Process>,
    std::conditional_t<
        event_module<Modules>, converges<Process>, reads_what_is_no_module<Process, Modules>>...>::type;

template <class Process> consteval auto home_form() {
    if constexpr (requires { typename Process::home; }) {
        using home = typename Process::home;
        return std::conditional_t<event_module<home>, converges<Process>, home_is_no_module<Process, home>>{};
    } else {
        return converges<Process>{};
    }
}

// --- machines and processes in the process

template <class Process, class Member> consteval auto member_form() {
    if constexpr (machine<Member> || process<Member>)
        return form_verdict<Member>{};
    else
        return machines_list_what_is_neither_machine_nor_process<Process, Member>{};
}

template <class Process, class... Members>
auto members_form(boost::mp11::mp_list<Members...>) ->
    typename first_refusal<converges<Process>, decltype(member_form<Process, Members>())...>::type;

// --- effects

template <class Process, class Effect, class Command, class Undo> struct compensation_form {
    using condition = typename Effect::condition;
    using type = effect_is_undone_by_what_is_no_compensation<
        Process, Effect, mend_with<effect<condition, Command, undone_by<Undo>>>>;
};
template <class Process, class Effect, class Command>
struct compensation_form<Process, Effect, Command, irreversible> {
    using type = converges<Process>;
};
template <class Process, class Effect, class Command, class Undo>
struct compensation_form<Process, Effect, Command, undone_by<Undo>> {
    using type = converges<Process>;
};
template <class Process, class Effect, class Command, auto Quantity, auto Reclaim>
struct compensation_form<Process, Effect, Command, adjusted_by<Quantity, Reclaim>> {
    using owner = typename member_of<decltype(Quantity)>::owner;
    using type = std::conditional_t<
        std::same_as<owner, Command>, converges<Process>,
        adjusted_member_is_of_another_command<Process, Command, owner>>;
};

template <class Process, class Effect> struct effect_form {
    using type = effects_list_what_is_no_effect<Process, Effect>;
};
template <class Process, class Condition, class Command, class Undo>
struct effect_form<Process, effect<Condition, Command, Undo>>
    : compensation_form<Process, effect<Condition, Command, Undo>, Command, Undo> {};
template <class Process, class Condition, class Event, period After, class Undo>
struct effect_form<Process, effect<Condition, deadline<Event, After>, Undo>> {
    using given = effect<Condition, deadline<Event, After>, Undo>;
    using meant = effect<Condition, deadline<Event, After>>;
    using type = std::conditional_t<
        std::same_as<given, meant>, converges<Process>,
        deadline_needs_no_compensation<Process, given, mend_with<meant>>>;
};

template <class Process, class... Effects>
auto effects_form(boost::mp11::mp_list<Effects...>) ->
    typename first_refusal<converges<Process>, typename effect_form<Process, Effects>::type...>::type;

// --- environment

template <class Term> inline constexpr bool is_statement = false;
template <class Cause, class Consequence>
inline constexpr bool is_statement<happens_before<Cause, Consequence>> = true;
template <class One, class Other> inline constexpr bool is_statement<exclusive<One, Other>> = true;
template <std::size_t Limit, class Event> inline constexpr bool is_statement<at_most<Limit, Event>> = true;
template <class One, class Other> inline constexpr bool is_statement<accepts_race<One, Other>> = true;

template <class Type, class... Terms>
auto environment_form(boost::mp11::mp_list<Terms...>) -> typename first_refusal<
    converges<Type>,
    std::conditional_t<
        is_statement<Terms>, converges<Type>, environment_lists_what_is_no_statement<Type, Terms>>...>::type;

// --- folds

template <class Process, class Fold> consteval auto fold_form() {
    if constexpr (!requires {
                      typename Fold::events;
                      typename Fold::state_type;
                  }) {
        return data_lists_what_is_no_fold<Process, Fold>{};
    } else if constexpr (requires { Fold::adds_integers; }) {
        return std::conditional_t<
            Fold::adds_integers, converges<Process>,
            sum_depends_on_the_order<Process, Fold, typename Fold::value_type>>{};
    } else {
        return converges<Process>{};
    }
}

template <class Process, class... Folds>
auto folds_form(boost::mp11::mp_list<Folds...>) ->
    typename first_refusal<converges<Process>, decltype(fold_form<Process, Folds>())...>::type;

// --- the whole

template <class Process> consteval auto decide_process_form() {
    if constexpr (!has_lists<Process>) {
        return decide_lists<Process>();
    } else {
        using data = typename fold_list<typename data_of_process<Process>::type>::type;
        return typename first_refusal<
            converges<Process>, decltype(modules_form<Process>(modules_of<Process>{})),
            decltype(home_form<Process>()),
            decltype(members_form<Process>(typename Process::machines::list{})),
            decltype(effects_form<Process>(typename effects_of_process<Process>::type{})),
            decltype(environment_form<Process>(typename environment_of_type<Process>::type{})),
            decltype(folds_form<Process>(data{}))>::type{};
    }
}

/// What a type that is neither a machine nor a process lacks to be one.
template <class Type> consteval auto decide_what_is_missing() {
    constexpr bool reads = requires { typename Type::reads; };
    constexpr bool machines = requires { typename Type::machines; };
    if constexpr (requires { typename Type::transitions; }) {
        using given = typename Type::transitions;
        return member_type_must_be_a_list<Type, given, mend_with<converge::transitions<given>>>{};
    } else if constexpr (!reads && !machines) {
        return has_neither_transitions_nor_reads_and_machines<Type>{};
    } else if constexpr (!machines) {
        return process_has_no_machines<Type>{};
    } else if constexpr (!reads) {
        return process_has_no_reads<Type>{};
    } else {
        return typename first_refusal<
            converges<Type>, decltype(list_verdict<Type, typename Type::reads, converge::reads>()),
            decltype(list_verdict<Type, typename Type::machines, converge::machines>())>::type{};
    }
}

template <class Type> consteval auto decide_form() {
    if constexpr (process<Type>)
        return decide_process_form<Type>();
    else if constexpr (!machine<Type>)
        return decide_what_is_missing<Type>();
    else if constexpr (!entries_have_rows<Type> || !lists_its_final_states<Type>)
        return decide_machine_form<Type>();
    else if constexpr (!has_lists<Type>)
        return decide_lists<Type>();
    else
        return decltype(environment_form<Type>(typename environment_of_type<Type>::type{})){};
}

} // namespace converge::detail
