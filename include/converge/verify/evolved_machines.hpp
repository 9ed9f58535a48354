// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/evolution_places.hpp>
#include <converge/verify/machines_verdict.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

// Whether each state that an old instance may be in has a place in the machines of the new process, from
// which they converge.
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

} // namespace converge::detail
