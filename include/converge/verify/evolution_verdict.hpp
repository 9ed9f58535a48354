// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/evolution_places.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/irreversible_effects.hpp>
#include <converge/verify/machines_verdict.hpp>
#include <converge/verify/process_structure.hpp>
#include <converge/verify/verified.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

// Whether each state that an old instance may be in has a place in the new process, from which that
// converges.
namespace converge::detail {

/// The old and the new process beside each other, with the same events.
template <class Old, class New, class Events> struct side_by_side;
template <class Old, class New, class... Events>
struct side_by_side<Old, New, boost::mp11::mp_list<Events...>> {
    using reads = converge::reads<module<"both", Events...>>;
    using machines = boost::mp11::mp_rename<
        boost::mp11::mp_unique<boost::mp11::mp_append<machines_of<Old>, machines_of<New>>>,
        converge::machines>;
    using environment = boost::mp11::mp_rename<
        boost::mp11::mp_unique<boost::mp11::mp_append<rules_of<Old>, rules_of<New>>>, converge::environment>;
};
template <class Evolution>
using both_processes = side_by_side<
    old_of<Evolution>, new_of<Evolution>,
    boost::mp11::mp_unique<
        boost::mp11::mp_append<events_of<old_of<Evolution>>, events_of<new_of<Evolution>>>>>;

/// The states of one of two processes beside each other.
template <class Process, class Both, class... Machines>
constexpr machine_states<Process>
states_of_one(machine_states<Both> const& in, boost::mp11::mp_list<Machines...>) {
    return {in[boost::mp11::mp_find<machines_of<Both>, Machines>::value]...};
}

template <class Both, class... Machines>
consteval machine_set numbers_in_both(machine_set set, boost::mp11::mp_list<Machines...>) {
    machine_set made = 0;
    std::size_t number = 0;
    ((made |= has_machine(set, number++)
                  ? only_machine(boost::mp11::mp_find<machines_of<Both>, Machines>::value)
                  : 0),
     ...);
    return made;
}

/// States of the machines of a set, as a condition.
template <class Process, machine_set Set, class States> struct spelled_standing {
    template <std::size_t... Machines> static auto spell(std::index_sequence<Machines...>) {
        return joined_lists<std::conditional_t<
            has_machine(Set, Machines),
            boost::mp11::mp_list<
                std::type_identity<state_type<machine_number<Process, Machines>, States::value[Machines]>>>,
            boost::mp11::mp_list<>>...>{};
    }
    using type = boost::mp11::mp_rename<
        boost::mp11::mp_transform<
            unwrapped, decltype(spell(std::make_index_sequence<machine_count_of<Process>>{}))>,
        when>;
};

/// The places of old instances in one machine of the new process.
template <class Evolution, class Machine> struct machine_places {
    using old = old_of<Evolution>;
    static constexpr machine_set deciding = machines_that_place<Evolution, Machine>(moves_of<Evolution>{});
    using composed = composition<old, deciding, true>;
    static constexpr auto const& histories = composed::histories;

    static constexpr std::size_t find_bad() {
        for (std::size_t node = 0; node < histories.size; ++node)
            if (auto const place =
                    place_in<Evolution, Machine>(histories.states[node], moves_of<Evolution>{});
                place.state == no_state || place.other != no_state)
                return node;
        return histories.size;
    }
    static constexpr std::size_t bad = find_bad();

    template <std::size_t Node> struct states_at {
        static constexpr auto value = histories.states[Node];
    };
    template <std::size_t Node>
    using standing = typename spelled_standing<old, deciding, states_at<Node>>::type;

    static constexpr std::size_t letter_to_bad(std::size_t step) {
        auto node = bad;
        for (auto skip = histories.distance(bad) - step - 1; skip > 0; --skip)
            node = histories.parent[node];
        return histories.plan.letters[histories.by[node]].letter;
    }
    template <std::size_t... Steps>
    static auto spell_history(std::index_sequence<Steps...>)
        -> history<process_letter_type<old, letter_to_bad(Steps)>...>;

    static auto decide() {
        if constexpr (predecessor_of<Evolution, Machine> == two_machines) {
            return renamed_states_are_of_two_machines<Evolution, Machine>{};
        } else if constexpr (!histories.complete) {
            return too_many_combinations_to_explore<Evolution, Machine>{};
        } else if constexpr (bad < histories.size) {
            constexpr auto place = place_in<Evolution, Machine>(histories.states[bad], moves_of<Evolution>{});
            if constexpr (place.other != no_state)
                return old_state_has_two_places<
                    Evolution, standing<bad>, state_type<Machine, place.state>,
                    state_type<Machine, place.other>>{};
            else
                return old_state_has_no_place<
                    Evolution, Machine, standing<bad>,
                    decltype(spell_history(std::make_index_sequence<histories.distance(bad)>{}))>{};
        } else {
            return converges<Evolution>{};
        }
    }
    using type = decltype(decide());
};

/// Whether old instances are placed in a machine where it stands itself after the same events.
template <class Evolution, class Machine> struct consistent_places {
    using both = both_processes<Evolution>;
    static constexpr auto number = boost::mp11::mp_find<machines_of<both>, Machine>::value;
    static constexpr machine_set set =
        numbers_in_both<both>(
            machine_places<Evolution, Machine>::deciding, machines_of<old_of<Evolution>>{}) |
        only_machine(number);
    using composed = composition<both, set, true>;
    static constexpr auto const& histories = composed::histories;

    static constexpr std::size_t place_at(std::size_t node) {
        return place_in<Evolution, Machine>(
                   states_of_one<old_of<Evolution>, both>(
                       histories.states[node], machines_of<old_of<Evolution>>{}),
                   moves_of<Evolution>{})
            .state;
    }
    static constexpr std::size_t find_inconsistent() {
        for (std::size_t node = 0; node < histories.size; ++node)
            if (place_at(node) != histories.states[node][number])
                return node;
        return histories.size;
    }
    static constexpr std::size_t inconsistent = find_inconsistent();
    static constexpr bool holds = histories.complete && inconsistent == histories.size;

    struct standing_states {
        static constexpr auto value = histories.states[inconsistent];
    };
    static auto decide() {
        if constexpr (!histories.complete)
            return too_many_combinations_to_explore<Evolution, Machine>{};
        else if constexpr (!holds)
            return old_state_is_placed_off_its_history<
                Evolution,
                typename spelled_standing<both, set & ~only_machine(number), standing_states>::type,
                state_type<Machine, place_at(inconsistent)>,
                state_type<Machine, histories.states[inconsistent][number]>>{};
        else
            return converges<Evolution>{};
    }
};

template <class Evolution, class Machine> consteval auto decide_consistency() {
    constexpr auto number = boost::mp11::mp_find<machines_of<new_of<Evolution>>, Machine>::value;
    if constexpr (has_machine(failing_machines<new_of<Evolution>>, number))
        return consistent_places<Evolution, Machine>::decide();
    else
        return converges<Evolution>{}; // it converges strictly in each of its states
}

/// Whether an effect without compensation may have to be undone in an old instance, wherever that is placed.
/// What the environment would rule out is not, for it is not known what an old instance has had.
template <class Evolution, class Condition, class Command> struct placed_effect {
    using process = new_of<Evolution>;
    static constexpr machine_set set = machines_in_condition<process, Condition>;

    template <class... Machines> static consteval machine_set deciding(boost::mp11::mp_list<Machines...>) {
        machine_set made = 0;
        std::size_t number = 0;
        ((made |= has_machine(set, number++) ? machine_places<Evolution, Machines>::deciding : 0), ...);
        return made;
    }
    using old_composed = composition<old_of<Evolution>, deciding(machines_of<process>{}), true>;
    static constexpr auto const& old_histories = old_composed::histories;

    static constexpr auto find_beginnings() {
        std::array<machine_states<process>, old_composed::node_bound> made{};
        for (std::size_t node = 0; node < old_histories.size; ++node)
            made[node] = evolve<Evolution>(old_histories.states[node], machines_of<process>{});
        return made;
    }
    using composed = composition<process, set, false>;
    static constexpr std::remove_cvref_t<decltype(composed::histories)> histories{
        composed::view(), composed::plan, find_beginnings(), old_histories.size};

    static constexpr bool holds_at(std::size_t node) {
        return term_parts<Condition>::template value<process>(
            histories.states[node], assumed_data<boost::mp11::mp_list<>>{});
    }
    struct falsified {
        std::size_t node = 0;
        std::size_t letter = 0;
        bool found = false;
    };
    static constexpr falsified find() {
        for (std::size_t node = 0; node < histories.size; ++node)
            for (std::size_t letter = 0; letter < histories.letters && holds_at(node); ++letter)
                if (!holds_at(histories.after(node, letter)))
                    return {node, letter, true};
        return {};
    }
    static constexpr falsified found = find();

    struct standing_states {
        static constexpr auto value = histories.states[found.node];
    };
    static auto decide() {
        if constexpr (!old_histories.complete || !histories.complete)
            return too_many_combinations_to_explore<Evolution, Command>{};
        else if constexpr (found.found)
            return old_instance_may_have_to_undo<
                Evolution, Command, typename spelled_standing<process, set, standing_states>::type,
                process_letter_type<process, histories.plan.letters[found.letter].letter>>{};
        else
            return converges<Evolution>{};
    }
};

template <class Evolution, class... Machines>
consteval bool all_consistent(machine_set set, boost::mp11::mp_list<Machines...>) {
    bool consistent = true;
    std::size_t number = 0;
    ((consistent =
          consistent && (!has_machine(set, number++) || consistent_places<Evolution, Machines>::holds)),
     ...);
    return consistent;
}

template <class Evolution, class Effect> struct evolved_effect_verdict {
    using type = converges<Evolution>;
};
template <class Evolution, class Condition, class Command>
struct evolved_effect_verdict<Evolution, effect<Condition, Command, irreversible>> {
    static auto decide() {
        using process = new_of<Evolution>;
        if constexpr (all_consistent<Evolution>(
                          machines_in_condition<process, Condition>, machines_of<process>{}))
            return converges<Evolution>{}; // as in the new process itself
        else
            return placed_effect<Evolution, Condition, Command>::decide();
    }
    using type = decltype(decide());
};
template <class Evolution, class Condition, class Event, period After>
struct evolved_effect_verdict<Evolution, effect<Condition, deadline<Event, After>, irreversible>> {
    using type = converges<Evolution>;
};

// --- data

template <class Evolution, class Fold, class... OldFolds>
auto fold_evolution(boost::mp11::mp_list<OldFolds...>) {
    constexpr bool known = ((state_name<OldFolds> == state_name<Fold>) || ...);
    if constexpr (begins_anew<Evolution, Fold>)
        return converges<Evolution>{};
    else if constexpr (known)
        return typename first_refusal<
            converges<Evolution>,
            std::conditional_t<
                state_name<OldFolds> != state_name<Fold> ||
                    std::same_as<typename OldFolds::state_type, typename Fold::state_type>,
                converges<Evolution>, fold_has_changed<Evolution, OldFolds, Fold>>...>::type{};
    else if constexpr (old_process_reads<Evolution>(typename Fold::events{}))
        return fold_has_no_past<Evolution, Fold>{};
    else
        return converges<Evolution>{};
}

template <class Evolution, class... Folds> auto folds_evolution(boost::mp11::mp_list<Folds...>) {
    using old_data = data_of<old_of<Evolution>>;
    using new_data = data_of<new_of<Evolution>>;
    if constexpr (has_free_data<old_of<Evolution>> || has_free_data<new_of<Evolution>>)
        return std::conditional_t<
            std::same_as<old_data, new_data> || begins_anew<Evolution, new_data>, converges<Evolution>,
            data_has_no_place<Evolution, old_data, new_data>>{};
    else
        return typename first_refusal<
            converges<Evolution>,
            decltype(fold_evolution<Evolution, Folds>(folds_of<old_of<Evolution>>{}))...>::type{};
}

// --- the whole

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
