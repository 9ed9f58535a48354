// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/fingerprint.hpp>
#include <converge/verify/evolution.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <concepts>
#include <cstddef>

// Whether a store can be migrated by these evolutions, one after the other.
namespace converge {

/// Of two evolutions that are to be done one after the other, the second does not begin with the process that
/// the first ends with. Remedy: put them in their order, from the oldest process to the newest.
template <class First, class Second> struct evolution_does_not_go_on_from : detail::refusal {};

/// `migrate` was given a type that does not derive from `evolves<Old, New, ...>`.
template <class Type> struct not_an_evolution : detail::refusal {};

/// `migrate` was given no evolution.
struct no_evolution_is_given : detail::refusal {};

/// What `migrate` gives when there is no way from the old process to the new one: a type that does not exist,
/// so that the error stands on the caller's line and names the reason.
template <class Reason> struct process_cannot_migrate;

namespace detail {

struct migrates : approval {};

template <class Type> consteval auto decide_hop() {
    if constexpr (evolution<Type>)
        return verdict<Type>{};
    else
        return not_an_evolution<Type>{};
}

template <class First, class... Others> struct hops_follow {
    using type = migrates;
};
template <class First, class Second, class... Others> struct hops_follow<First, Second, Others...> {
    using type = typename first_refusal<
        typename hops_follow<Second, Others...>::type,
        std::conditional_t<
            std::same_as<typename First::new_process, typename Second::old_process>, migrates,
            evolution_does_not_go_on_from<First, Second>>>::type;
};

template <class... Evolutions> consteval auto decide_migration() {
    if constexpr (sizeof...(Evolutions) == 0) {
        return no_evolution_is_given{};
    } else {
        using each = typename first_refusal<migrates, decltype(decide_hop<Evolutions>())...>::type;
        if constexpr (each::holds)
            return typename hops_follow<Evolutions...>::type{};
        else
            return each{};
    }
}

/// What keeps these evolutions from being done one after the other; it holds if nothing does.
template <class... Evolutions> using migration_verdict = decltype(decide_migration<Evolutions...>());

/// The processes of evolutions that follow each other, from the oldest to the newest.
template <class... Evolutions>
using versions_of = boost::mp11::mp_push_front<
    boost::mp11::mp_list<typename Evolutions::new_process...>,
    typename boost::mp11::mp_front<boost::mp11::mp_list<Evolutions...>>::old_process>;

} // namespace detail

} // namespace converge
