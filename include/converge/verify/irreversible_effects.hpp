// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>
#include <converge/declare/process_table.hpp>
#include <converge/verify/process_types.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace converge::detail {

/// A condition over several machines is explored over the product of just these; more combinations than this
/// do not compile.
inline constexpr std::size_t maximum_combinations = 4096;

template <class Process, class... States> consteval auto marks_of_states(boost::mp11::mp_list<States...>) {
    std::array<bool, machine_count_of<Process>> mentioned{};
    ((mentioned[place_of<Process, States>.machine] = true), ...);
    return mentioned;
}

template <class... Machines> consteval auto state_counts_of(boost::mp11::mp_list<Machines...>) {
    return std::array<std::size_t, sizeof...(Machines)>{table_of<Machines>.state_count...};
}

template <std::size_t Machines>
consteval std::size_t combinations_of(
    std::array<bool, Machines> const& mentioned, std::array<std::size_t, Machines> const& state_counts) {
    std::size_t product = 1;
    for (std::size_t machine = 0; machine < Machines; ++machine)
        if (mentioned[machine] && product <= maximum_combinations)
            product *= state_counts[machine];
    return product;
}

/// Which machines a condition mentions, and a number for each combination of their states.
template <class Process, class Condition> struct condition_scope {
    static constexpr auto marks = marks_of_states<Process>(states_of_term<Condition>{});
    static constexpr auto state_counts = state_counts_of(machines_of<Process>{});
    static constexpr std::size_t combinations = combinations_of(marks, state_counts);
    static_assert(
        combinations <= maximum_combinations, "a condition spans more than 4,096 combinations of states");

    static constexpr std::size_t number_of(machine_states<Process> const& in) {
        std::size_t number = 0;
        for (std::size_t machine = 0; machine < state_counts.size(); ++machine)
            if (marks[machine])
                number = number * state_counts[machine] + in[machine];
        return number;
    }
};

/// A history after which an effect's condition holds, and one more letter after which it does not.
struct falsification {
    bool found = false;
    std::array<std::uint16_t, maximum_combinations> letters{}; // of the history, last first
    std::size_t size = 0;
    std::uint16_t last = 0;
};

/// Breadth-first search over the product of the machines that the condition mentions, for a nearest
/// falsification. Complexity: O(combinations * letters * machines in the condition).
template <class Process, class Condition> struct falsification_search {
    using scope = condition_scope<Process, Condition>;

    struct node {
        machine_states<Process> in{};
        std::uint16_t parent = 0;
        std::uint16_t by = 0;
        bool condition = false;
    };
    std::array<node, scope::combinations> nodes{};
    std::array<bool, scope::combinations> seen{};
    std::size_t size = 0;

    constexpr void add(machine_states<Process> const& in, std::size_t parent, std::size_t by) {
        seen[scope::number_of(in)] = true;
        nodes[size++] = {
            in, static_cast<std::uint16_t>(parent), static_cast<std::uint16_t>(by),
            term_parts<Condition>::template value<Process>(in, 0)};
    }

    /// Moves the machines of the condition; whether the letter concerns any of them.
    static constexpr bool take(machine_states<Process>& in, std::size_t letter) {
        auto const& table = process_table_of<Process>;
        bool concerned = false;
        for (auto at = table.first_target[letter]; at < table.first_target[letter + 1]; ++at) {
            auto const& target = table.targets[at];
            if (!scope::marks[target.machine])
                continue;
            in[target.machine] = table.next[target.offset + in[target.machine]];
            concerned = true;
        }
        return concerned;
    }

    constexpr falsification history_of(std::size_t at, std::size_t last) const {
        falsification made;
        made.found = true;
        made.last = static_cast<std::uint16_t>(last);
        for (; at != 0; at = nodes[at].parent)
            made.letters[made.size++] = nodes[at].by;
        return made;
    }

    constexpr falsification run() {
        add(initial_states<Process>, 0, 0);
        for (std::size_t at = 0; at < size; ++at) {
            for (std::size_t letter = 0; letter < process_table_of<Process>.letter_count; ++letter) {
                auto to = nodes[at].in;
                if (!take(to, letter))
                    continue;
                if (nodes[at].condition && !term_parts<Condition>::template value<Process>(to, 0))
                    return history_of(at, letter);
                if (!seen[scope::number_of(to)])
                    add(to, at, letter);
            }
        }
        return {};
    }
};

template <class Process, class Condition>
inline constexpr falsification falsification_of = falsification_search<Process, Condition>{}.run();

template <class Process, class Effect> struct irreversible_effect_verdict {
    using condition = typename Effect::condition;
    using predicates = predicates_of_term<condition>;

    template <std::size_t... Steps> static auto refuse(std::index_sequence<Steps...>) {
        constexpr auto const& found = falsification_of<Process, condition>;
        using sent = history<process_letter_type<Process, found.letters[found.size - 1 - Steps]>...>;
        using undone = history<
            process_letter_type<Process, found.letters[found.size - 1 - Steps]>...,
            process_letter_type<Process, found.last>>;
        return effect_may_have_to_be_undone<Process, typename Effect::command, sent, undone>{};
    }

    static auto decide() {
        if constexpr (!boost::mp11::mp_empty<predicates>::value)
            return data_may_undo_the_effect<
                Process, typename Effect::command, boost::mp11::mp_front<predicates>>{};
        else if constexpr (falsification_of<Process, condition>.found)
            return refuse(std::make_index_sequence<falsification_of<Process, condition>.size>{});
        else
            return converges<Process>{};
    }
    using type = decltype(decide());
};

} // namespace converge::detail
