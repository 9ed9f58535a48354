// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_parts.hpp>
#include <converge/verify/final_states.hpp>
#include <converge/verify/machine_types.hpp>
#include <converge/verify/verdict.hpp>

#include <array>
#include <cstddef>

// Whether a machine's rows are a machine: every pair decided, once; every state reached, every event used, an
// end in sight.
namespace converge::detail {

enum class machine_fault { none, unknown_state, undecided, decided_twice, unreached, unused, stuck };

/// What is wrong with a machine first: the fault and the indices that name it.
struct machine_finding {
    machine_fault fault = machine_fault::none;
    std::size_t state = 0;
    std::size_t letter = 0;
};

template <class Table> constexpr machine_finding find_undecided(Table const& table) {
    for (std::size_t state = 0; state < Table::state_count; ++state)
        for (std::size_t letter = 0; letter < Table::letter_count; ++letter)
            if (table.decided_by[table.cell(letter, state)] == undecided_row)
                return {machine_fault::undecided, state, letter};
    return {};
}

/// Declared final states that no row mentions.
template <class Machine> consteval std::size_t find_unknown_final_state() {
    auto const& table = table_of<Machine>;
    constexpr auto declared = declared_final_states<Machine>();
    for (std::size_t at = 0; at < declared.size(); ++at)
        if (find_identity(table.states, table.states.size(), declared[at]) == table.states.size())
            return at;
    return declared.size();
}

template <class Machine> consteval machine_finding find_table_fault() {
    constexpr auto const& table = table_of<Machine>;
    if (table.initial >= table.state_count)
        return {machine_fault::unknown_state, 0, 0};
    if (auto const at = find_unknown_final_state<Machine>(); at < declared_final_states<Machine>().size())
        return {machine_fault::unknown_state, at + 1, 0};
    if (table.duplicate.first != undecided_row)
        return {
            machine_fault::decided_twice, static_cast<std::size_t>(table.duplicate.first),
            static_cast<std::size_t>(table.duplicate.second)};
    return find_undecided(table);
}

/// Which states of a machine are reached, which of its events are used, and whether an end is in sight from
/// everywhere; by the histories of the machine alone, or by those that its environment admits.
template <std::size_t Events> struct machine_shape {
    state_marks reached{};
    std::array<bool, Events + 1> used{};
    std::size_t stuck = maximum_states; // the first state from which no end can be reached
};

template <class Machine> consteval auto shape_of_machine() {
    constexpr auto const& table = table_of<Machine>;
    constexpr auto const& reached = reached_of<Machine>;
    constexpr auto view = view_of(table);
    machine_shape<table.event_count> shape;
    shape.reached = reached.found;
    for (std::size_t letter = 0; letter < view.letters; ++letter)
        for (std::size_t at = 0; at < reached.size; ++at) {
            auto const state = reached.order[at];
            bool acts = view.after(state, letter) != state;
            for (std::size_t command = 0; command < view.commands; ++command)
                acts = acts || view.sent(state, letter, command) != 0;
            if (acts)
                shape.used[table.event_of_letter[letter]] = true;
        }
    if (auto const stuck = find_stuck_state(view, reached, mark_ends<Machine>()); stuck < view.states)
        shape.stuck = stuck;
    return shape;
}

template <class Machine, class Shape> consteval machine_finding find_shape_fault(Shape const& shape) {
    for (std::size_t state = 0; state < table_of<Machine>.state_count; ++state)
        if (!shape.reached[state])
            return {machine_fault::unreached, state, 0};
    for (std::size_t event = 0; event < table_of<Machine>.event_count; ++event)
        if (!shape.used[event])
            return {machine_fault::unused, event, 0};
    return {};
}

template <class Machine, class Shape> consteval machine_finding find_stuck(Shape const& shape) {
    if (is_perpetual<Machine>() || shape.stuck == maximum_states)
        return {};
    return {machine_fault::stuck, shape.stuck, 0};
}

template <class States, std::size_t At> struct listed_state;
template <class... States, std::size_t At> struct listed_state<states<States...>, At> {
    using type = type_number<boost::mp11::mp_list<States...>, At>;
};

/// From a finding to the verdict's type.
template <class Machine, machine_finding Finding, machine_fault Fault> struct machine_verdict_from {
    using type = converges<Machine>;
};

template <class Machine, machine_finding Finding>
struct machine_verdict_from<Machine, Finding, machine_fault::unknown_state> {
    static auto name() {
        if constexpr (Finding.state == 0)
            return state_is_in_no_row<Machine, typename Machine::initial>{};
        else
            return state_is_in_no_row<
                Machine, typename listed_state<typename Machine::final_states, Finding.state - 1>::type>{};
    }
    using type = decltype(name());
};

template <class Machine, machine_finding Finding>
struct machine_verdict_from<Machine, Finding, machine_fault::undecided> {
    using type =
        no_row_decides<Machine, state_type<Machine, Finding.state>, letter_type<Machine, Finding.letter>>;
};

template <class Machine, machine_finding Finding>
struct machine_verdict_from<Machine, Finding, machine_fault::decided_twice> {
    using type = two_rows_decide<
        Machine, type_number<machine_rows<Machine>, Finding.state>,
        type_number<machine_rows<Machine>, Finding.letter>>;
};

template <class Machine, machine_finding Finding>
struct machine_verdict_from<Machine, Finding, machine_fault::unreached> {
    using type = state_is_never_reached<Machine, state_type<Machine, Finding.state>>;
};

template <class Machine, machine_finding Finding>
struct machine_verdict_from<Machine, Finding, machine_fault::unused> {
    using type = event_is_never_used<Machine, event_type<Machine, Finding.state>>;
};

template <class Machine, machine_finding Finding>
struct machine_verdict_from<Machine, Finding, machine_fault::stuck> {
    using type = no_final_state_can_be_reached_from<Machine, state_type<Machine, Finding.state>>;
};

template <class Machine, machine_finding Finding>
struct machine_verdict : machine_verdict_from<Machine, Finding, Finding.fault> {};

} // namespace converge::detail
