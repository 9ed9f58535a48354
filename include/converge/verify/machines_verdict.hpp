// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process.hpp>
#include <converge/verify/environment_verdict.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/machine_verdict.hpp>
#include <converge/verify/order_verdict.hpp>
#include <converge/verify/strict_convergence.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

// The machines of a process: their shape, then all orders of their events.
namespace converge::detail {

/// The shape of a machine over the histories that its environment admits.
template <class Process, class Machine, std::size_t Number> consteval auto shape_in_environment() {
    using composed = composition<Process, only_machine(Number), true>;
    constexpr auto const& histories = composed::histories;
    constexpr auto const& table = table_of<Machine>;
    constexpr auto marks = mark_ends<Machine>();
    auto const view = composed::view();
    machine_shape<table.event_count> shape;
    std::array<bool, composed::node_bound> ends{};
    for (std::size_t node = 0; node < histories.size; ++node) {
        auto const state = histories.states[node][Number];
        shape.reached[state] = true;
        ends[node] = marks[state];
        for (std::size_t letter = 0; letter < histories.letters; ++letter) {
            auto const to = histories.after(node, letter);
            if (to == no_node)
                continue;
            bool acts = histories.states[to][Number] != state;
            for (std::size_t command = 0; command < view.commands; ++command)
                acts = acts || histories.sent(view, node, letter, command) != 0;
            auto const event = process_table_of<Process>.events[histories.plan.letters[letter].event].event;
            if (acts)
                shape.used[find_identity(table.events, table.event_count, event)] = true;
        }
    }
    for (bool grew = true; grew;) {
        grew = false;
        for (std::size_t node = histories.size; node-- > 0;)
            for (std::size_t letter = 0; letter < histories.letters && !ends[node]; ++letter)
                if (auto const to = histories.after(node, letter); to != no_node && ends[to])
                    ends[node] = grew = true;
    }
    for (std::size_t node = histories.size; node-- > 0;)
        if (!ends[node])
            shape.stuck = histories.states[node][Number];
    return shape;
}

template <class Process, class Machine, std::size_t Number> consteval auto shape_of() {
    if constexpr (has_environment<Process, Number>())
        return shape_in_environment<Process, Machine, Number>();
    else
        return shape_of_machine<Machine>();
}

template <class Process, class Machine>
inline constexpr std::size_t number_of_machine = boost::mp11::mp_find<machines_of<Process>, Machine>::value;

template <class Process, class Machine>
inline constexpr auto shape_in = shape_of<Process, Machine, number_of_machine<Process, Machine>>();

template <class Process, class Machine> consteval bool can_be_explored() {
    constexpr auto number = number_of_machine<Process, Machine>;
    if constexpr (has_environment<Process, number>())
        return composition<Process, only_machine(number), true>::histories.complete;
    else
        return true;
}

template <class Process, class Machine> struct machine_table_verdict {
    using type = typename machine_verdict<Machine, find_table_fault<Machine>()>::type;
};

template <class Named, class Process, class Machine> struct machine_shape_verdict {
    static auto decide() {
        if constexpr (!can_be_explored<Process, Machine>())
            return too_many_combinations_to_explore<Named, Machine>{};
        else
            return typename machine_verdict<
                Machine, find_shape_fault<Machine>(shape_in<Process, Machine>)>::type{};
    }
    using type = decltype(decide());
};

template <class Process, class Machine> struct machine_end_verdict {
    using type = typename machine_verdict<Machine, find_stuck<Machine>(shape_in<Process, Machine>)>::type;
};

template <class Process, class... Machines>
consteval machine_set find_failing(boost::mp11::mp_list<Machines...>) {
    machine_set failing = 0;
    std::size_t number = 0;
    ((failing |= converges_strictly<Machines, repeats_of<Process>> ? 0 : only_machine(number), ++number),
     ...);
    return failing;
}

/// The machines that do not converge strictly and alone.
template <class Process>
inline constexpr machine_set failing_machines = find_failing<Process>(machines_of<Process>{});

/// What the proof of the machines rests on beside their rows.
struct proof_caveats {
    bool environment = false;
    bool equivalence = false;
    std::uint64_t accepted = 0;

    constexpr void add(proof_caveats const& more) {
        environment = environment || more.environment;
        equivalence = equivalence || more.equivalence;
        accepted |= more.accepted;
    }
};

struct strict_order_check {
    static constexpr bool holds = true;
    static constexpr proof_caveats caveats{};
    template <class Named, class Machine> using verdict = converges<Named>;
};

template <class Check, bool InEnvironment> struct weaker_order_check {
    static constexpr bool holds = Check::holds;
    static constexpr proof_caveats caveats{InEnvironment, Check::found.merged, Check::found.accepted};

    template <class Named, class Machine> static auto decide() {
        if constexpr (!Check::complete)
            return std::type_identity<too_many_combinations_to_explore<Named, Machine>>{};
        else
            return order_verdict<Named, Check>{};
    }
    template <class Named, class Machine> using verdict = typename decltype(decide<Named, Machine>())::type;
};

/// All orders of the events of a machine: strictly; else up to what can be observed; else in its environment.
template <class Process, class Machine> consteval auto check_orders() {
    constexpr auto number = number_of_machine<Process, Machine>;
    if constexpr (!has_machine(failing_machines<Process>, number)) {
        return strict_order_check{};
    } else {
        constexpr auto explored = machines_to_explore<Process>(
            number, failing_machines<Process>, observations_of<Process>{}, row_commands_of<Process>{});
        constexpr auto failing = explored & failing_machines<Process>;
        using free = order_check<Process, explored, failing, false>;
        // What cannot happen is known rather than accepted, so the environment is asked before a race is.
        if constexpr (
            (free::holds && free::found.accepted == 0) || boost::mp11::mp_empty<rules_of<Process>>::value) {
            return weaker_order_check<free, false>{};
        } else {
            using bound = order_check<Process, explored, failing, true>;
            if constexpr (bound::composed::plan.in_environment)
                return weaker_order_check<bound, true>{};
            else
                return weaker_order_check<free, false>{};
        }
    }
}

template <class Process, class Machine> using orders_of = decltype(check_orders<Process, Machine>());

template <class Process, class... Machines>
consteval proof_caveats caveats_of_machines(boost::mp11::mp_list<Machines...>) {
    proof_caveats all;
    (all.add(orders_of<Process, Machines>::caveats), ...);
    return all;
}

template <class Process>
inline constexpr proof_caveats caveats_of = caveats_of_machines<Process>(machines_of<Process>{});

template <class Named, class Process, std::size_t... Races>
auto accepted_races_verdict(std::index_sequence<Races...>) -> typename first_refusal<
    converges<Named>,
    std::conditional_t<
        (caveats_of<Process>.accepted >> Races & 1U) != 0, converges<Named>,
        accepted_race_is_none<Named, type_number<accepted_races_of<Process>, Races>>>...>::type;

/// Each stage is instantiated only when those before it hold, for it may rely on them.
template <class Named, class Process, class... Machines>
consteval auto decide_machines(boost::mp11::mp_list<Machines...>) {
    using tables = typename first_refusal<
        typename environment_verdict<Named, Process>::type,
        typename machine_table_verdict<Process, Machines>::type...>::type;
    if constexpr (!tables::holds) {
        return std::type_identity<tables>{};
    } else {
        using shapes = typename first_refusal<
            converges<Named>, typename machine_shape_verdict<Named, Process, Machines>::type...>::type;
        if constexpr (!shapes::holds) {
            return std::type_identity<shapes>{};
        } else {
            using orders = typename first_refusal<
                converges<Named>,
                typename orders_of<Process, Machines>::template verdict<Named, Machines>...>::type;
            if constexpr (!orders::holds)
                return std::type_identity<orders>{};
            else
                return first_refusal<
                    converges<Named>, typename machine_end_verdict<Process, Machines>::type...,
                    decltype(accepted_races_verdict<Named, Process>(
                        std::make_index_sequence<
                            boost::mp11::mp_size<accepted_races_of<Process>>::value>{}))>{};
        }
    }
}

/// What is wrong with the machines of a process first, or `converges<Named>`. `Named` is the process, or the
/// machine that was asserted alone.
template <class Named, class Process>
using machines_verdict = typename decltype(decide_machines<Named, Process>(machines_of<Process>{}))::type;

/// `converges<Named, ...>` with what the proof rests on.
template <class Named, class Process, bool FreeData> struct approval_with_caveats {
    template <std::size_t Race>
    using race = std::conditional_t<
        (caveats_of<Process>.accepted >> Race & 1U) != 0,
        boost::mp11::mp_list<std::type_identity<type_number<accepted_races_of<Process>, Race>>>,
        boost::mp11::mp_list<>>;
    template <bool Has, class Caveat>
    using caveat_if =
        std::conditional_t<Has, boost::mp11::mp_list<std::type_identity<Caveat>>, boost::mp11::mp_list<>>;

    template <std::size_t... Races>
    static auto list(std::index_sequence<Races...>) -> joined_lists<
        caveat_if<FreeData, except_for_its_data>,
        caveat_if<caveats_of<Process>.environment, in_its_environment>,
        caveat_if<caveats_of<Process>.equivalence, up_to_equivalent_states>, race<Races>...>;
    using caveats = boost::mp11::mp_transform<
        unwrapped,
        decltype(list(std::make_index_sequence<boost::mp11::mp_size<accepted_races_of<Process>>::value>{}))>;
    using type = boost::mp11::mp_rename<boost::mp11::mp_push_front<caveats, Named>, converges>;
};

} // namespace converge::detail
