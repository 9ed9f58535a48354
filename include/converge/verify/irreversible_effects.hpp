// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/composition.hpp>
#include <converge/verify/final_states.hpp>
#include <converge/verify/observation.hpp>
#include <converge/verify/process_types.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

// An effect without compensation stands only where nothing that can happen ends its condition.
namespace converge::detail {

/// A history after which a condition holds, and one more letter after which it does not.
template <std::size_t Nodes> struct falsification {
    bool found = false;
    std::array<std::uint16_t, Nodes> letters{}; // of the process, the first one first
    std::size_t size = 0;
    std::uint16_t last = 0;
};

/// The nearest falsification, in the histories of the machines that the condition asks about. Complexity:
/// O(nodes * letters).
template <class Process, class Condition> struct falsification_search {
    using composed = composition<Process, machines_in_condition<Process, Condition>, true>;
    static constexpr auto const& histories = composed::histories;
    static constexpr bool complete = histories.complete;

    static constexpr bool holds_at(std::size_t node) {
        return term_parts<Condition>::template value<Process>(
            histories.states[node], assumed_data<boost::mp11::mp_list<>>{});
    }

    static constexpr auto history_of(std::size_t node, std::size_t last) {
        falsification<composed::node_bound> made;
        made.found = true;
        made.size = histories.distance(node);
        made.last = histories.plan.letters[last].letter;
        for (auto at = made.size; at-- > 0; node = histories.parent[node])
            made.letters[at] = histories.plan.letters[histories.by[node]].letter;
        return made;
    }

    static constexpr auto run() {
        for (std::size_t node = 0; node < histories.size; ++node) {
            if (!holds_at(node))
                continue;
            for (std::size_t letter = 0; letter < histories.letters; ++letter) {
                auto const to = histories.after(node, letter);
                if (to != no_node && to != node && !holds_at(to))
                    return history_of(node, letter);
            }
        }
        return falsification<composed::node_bound>{};
    }
    static constexpr auto found = run();
};

/// Whether no event leads out of any of the states, so that nothing need be explored.
template <class Process, class Condition> inline constexpr bool stands_for_good = false;

template <class Process, class... States>
    requires((place_of<Process, States>.machines == 1) && ...)
inline constexpr bool stands_for_good<Process, when<States...>> = [] {
    [[maybe_unused]] auto const stays = []<class State>(std::type_identity<State>) {
        constexpr auto place = place_of<Process, State>;
        return absorbing_states(
            view_of(table_of<boost::mp11::mp_at_c<machines_of<Process>, place.machine>>))[place.state];
    };
    return (stays(std::type_identity<States>{}) && ...);
}();

template <class Process, class Effect> struct irreversible_effect_verdict {
    using condition = typename Effect::condition;
    using command = typename Effect::command;
    using predicates = predicates_of_term<condition>;

    template <class Search, std::size_t... Steps> static auto refuse(std::index_sequence<Steps...>) {
        using sent = history<process_letter_type<Process, Search::found.letters[Steps]>...>;
        using undone = history<
            process_letter_type<Process, Search::found.letters[Steps]>...,
            process_letter_type<Process, Search::found.last>>;
        return effect_may_have_to_be_undone<Process, command, sent, undone>{};
    }

    static auto decide() {
        if constexpr (!boost::mp11::mp_empty<predicates>::value) {
            return data_may_undo_the_effect<Process, command, boost::mp11::mp_front<predicates>>{};
        } else if constexpr (stands_for_good<Process, condition>) {
            return converges<Process>{};
        } else {
            using search = falsification_search<Process, condition>;
            if constexpr (!search::complete)
                return too_many_combinations_to_explore<Process, command>{};
            else if constexpr (search::found.found)
                return refuse<search>(std::make_index_sequence<search::found.size>{});
            else
                return converges<Process>{};
        }
    }
    using type = decltype(decide());
};

} // namespace converge::detail
