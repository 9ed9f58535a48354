// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/evolved_machines.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

// Whether the effects of the new process that cannot be undone stand for good in old instances too.
namespace converge::detail {

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

} // namespace converge::detail
