// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_parts.hpp>
#include <converge/verify/convergence.hpp>
#include <converge/verify/final_states.hpp>
#include <converge/verify/machine_types.hpp>
#include <converge/verify/reachability.hpp>
#include <converge/verify/redelivery.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace converge::detail {

enum class machine_fault {
    none,
    unknown_state,
    undecided,
    decided_twice,
    unreached,
    unused,
    stuck,
    diverges,
    sends_differ,
    redelivery_moves,
    redelivery_sends
};

/// What is wrong with a machine first: the fault and the indices that name it.
struct machine_finding {
    machine_fault fault = machine_fault::none;
    std::size_t state = 0;
    std::size_t letter = 0;
    divergence found{};
};

template <class... States> consteval auto state_identities(states<States...>) {
    return std::array<type_identity, sizeof...(States)>{identity_of<States>...};
}

template <class Machine> consteval auto declared_final_states() {
    if constexpr (requires { typename Machine::final_states; })
        return state_identities(typename Machine::final_states{});
    else
        return std::array<type_identity, 0>{};
}

template <class Machine> consteval bool is_perpetual() {
    if constexpr (requires { Machine::perpetual; })
        return Machine::perpetual;
    else
        return false;
}

/// Which letters of a machine may count when repeated.
template <class Machine, class Repeats> consteval auto counting_letters() {
    constexpr auto const& table = table_of<Machine>;
    constexpr auto counting = identities(Repeats{});
    std::array<bool, table.letter_count + 1> counts{};
    for (std::size_t letter = 0; letter < table.letter_count; ++letter)
        counts[letter] =
            find_identity(counting, counting.size(), table.events[table.event_of_letter[letter]]) <
            counting.size();
    return counts;
}

template <class Table> constexpr machine_finding find_undecided(Table const& table) {
    for (std::size_t state = 0; state < Table::state_count; ++state)
        for (std::size_t letter = 0; letter < Table::letter_count; ++letter)
            if (table.decided_by[table.cell(letter, state)] == undecided_row)
                return {machine_fault::undecided, state, letter, {}};
    return {};
}

/// The first event none of whose letters changes or sends anything.
template <class Table>
constexpr machine_finding find_unused(Table const& table, reachable_states const& reached) {
    auto const view = view_of(table);
    std::array<bool, Table::event_count> used{};
    for (std::size_t letter = 0; letter < Table::letter_count; ++letter)
        for (std::size_t at = 0; at < reached.size; ++at) {
            auto const state = reached.order[at];
            bool sends = false;
            for (std::size_t command = 0; command < view.commands; ++command)
                sends = sends || view.sent(state, letter, command) != 0;
            if (sends || view.after(state, letter) != state)
                used[table.event_of_letter[letter]] = true;
        }
    for (std::size_t event = 0; event < Table::event_count; ++event)
        if (!used[event])
            return {machine_fault::unused, event, 0, {}};
    return {};
}

template <class Table> constexpr machine_finding find_fault_of_rows(Table const& table) {
    if (table.initial >= Table::state_count)
        return {machine_fault::unknown_state, 0, 0, {}};
    if (table.duplicate.first != undecided_row)
        return {
            machine_fault::decided_twice,
            static_cast<std::size_t>(table.duplicate.first),
            static_cast<std::size_t>(table.duplicate.second),
            {}};
    return find_undecided(table);
}

template <class Table>
constexpr machine_finding find_unreached_or_unused(Table const& table, reachable_states const& reached) {
    for (std::size_t state = 0; state < Table::state_count; ++state)
        if (!reached.found[state])
            return {machine_fault::unreached, state, 0, {}};
    return find_unused(table, reached);
}

template <class Machine>
constexpr machine_finding find_stuck(machine_view const& view, reachable_states const& reached) {
    constexpr auto const& table = table_of<Machine>;
    auto finals = absorbing_states(view);
    for (auto const declared : declared_final_states<Machine>())
        finals[find_identity(table.states, table.states.size(), declared) % maximum_states] = true;
    auto const stuck = find_stuck_state(view, reached, finals);
    if (stuck < view.states)
        return {machine_fault::stuck, stuck, 0, {}};
    return {};
}

// Each check is a constant of its own, for compilers bound the steps of one evaluation (clang: 2^20), and
// what is local to a function clang evaluates again wherever it is used.
template <class Machine> inline constexpr machine_view machine_view_of = view_of(table_of<Machine>);
template <class Machine> inline constexpr reachable_states reached_of = reach(machine_view_of<Machine>);

template <class Machine>
inline constexpr machine_finding finding_of_rows = find_fault_of_rows(table_of<Machine>);

template <class Machine>
inline constexpr machine_finding finding_of_use =
    find_unreached_or_unused(table_of<Machine>, reached_of<Machine>);

template <class Machine>
inline constexpr machine_finding finding_of_ends =
    find_stuck<Machine>(machine_view_of<Machine>, reached_of<Machine>);

template <class Machine, class Repeats>
inline constexpr auto counting_letters_of = counting_letters<Machine, Repeats>();

template <class Machine, class Repeats>
inline constexpr divergence redelivery_of =
    find_redelivery(machine_view_of<Machine>, reached_of<Machine>, counting_letters_of<Machine, Repeats>);

/// How many states are checked for convergence in one evaluation.
template <class Machine>
inline constexpr std::size_t states_an_evaluation = std::max<std::size_t>(
    1, 200'000 / ((1 + table_of<Machine>.letter_count) * table_of<Machine>.letter_count *
                  (1 + 4 * table_of<Machine>.command_count)));

template <class Machine, std::size_t First>
inline constexpr divergence divergence_from = find_divergence(
    machine_view_of<Machine>, reached_of<Machine>, First,
    std::min(First + states_an_evaluation<Machine>, reached_of<Machine>.size));

/// The first divergence among the reachable states from number `First` on.
template <class Machine, std::size_t First = 0> consteval divergence find_divergence_of() {
    if constexpr (First >= reached_of<Machine>.size)
        return {};
    else if constexpr (divergence_from<Machine, First>.kind != divergence_kind::none)
        return divergence_from<Machine, First>;
    else
        return find_divergence_of<Machine, First + states_an_evaluation<Machine>>();
}

template <class Machine> inline constexpr divergence divergence_of = find_divergence_of<Machine>();

/// What a difference between histories is as a fault: of states, or of commands.
constexpr machine_finding
finding_from(divergence const& found, machine_fault of_states, machine_fault of_commands) {
    return {found.kind == divergence_kind::states ? of_states : of_commands, 0, 0, found};
}

template <class Machine, class Repeats> consteval machine_finding find_machine_fault() {
    if constexpr (finding_of_rows<Machine>.fault != machine_fault::none)
        return finding_of_rows<Machine>;
    else if constexpr (finding_of_use<Machine>.fault != machine_fault::none)
        return finding_of_use<Machine>;
    else if constexpr (divergence_of<Machine>.kind != divergence_kind::none)
        return finding_from(divergence_of<Machine>, machine_fault::diverges, machine_fault::sends_differ);
    else if constexpr (redelivery_of<Machine, Repeats>.kind != divergence_kind::none)
        return finding_from(
            redelivery_of<Machine, Repeats>, machine_fault::redelivery_moves,
            machine_fault::redelivery_sends);
    else if constexpr (!is_perpetual<Machine>())
        return finding_of_ends<Machine>;
    else
        return {};
}

/// From a finding to the verdict's type. `Process` is named in the verdicts about orders.
template <class Process, class Machine, machine_finding Finding, machine_fault Fault>
struct machine_verdict_from {
    using type = converges<Process>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::unknown_state> {
    using type = state_is_in_no_row<Machine, typename Machine::initial>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::undecided> {
    using type =
        no_row_decides<Machine, state_type<Machine, Finding.state>, letter_type<Machine, Finding.letter>>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::decided_twice> {
    using type = two_rows_decide<
        Machine, type_number<machine_rows<Machine>, Finding.state>,
        type_number<machine_rows<Machine>, Finding.letter>>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::unreached> {
    using type = state_is_never_reached<Machine, state_type<Machine, Finding.state>>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::unused> {
    using type = event_is_never_used<Machine, event_type<Machine, Finding.state>>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::stuck> {
    using type = no_final_state_can_be_reached_from<Machine, state_type<Machine, Finding.state>>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::diverges> {
    static constexpr auto found = Finding.found;
    using type = two_orders_end_in_different_places<
        Process,
        ends<
            history_type<Machine, found.state, found.first, found.second>,
            state_type<Machine, found.one_end>>,
        ends<
            history_type<Machine, found.state, found.second, found.first>,
            state_type<Machine, found.other_end>>>;
};

/// The net commands of a history, given the last state of its common beginning and the letters after it.
template <class Machine, std::size_t State, std::size_t... Letters> struct standing_commands {
    static constexpr auto view = view_of(table_of<Machine>);

    static consteval int of_command(std::size_t command) {
        constexpr auto reached = reach(view);
        state_index at = view.initial;
        int net = 0;
        auto take = [&](std::size_t letter) {
            net += view.sent(at, letter, command);
            at = view.after(at, letter);
        };
        constexpr auto target = static_cast<state_index>(State);
        for (std::size_t step = 0; step < reached.distance(target, view.initial); ++step)
            take(reached.letter(target, view.initial, step));
        (take(Letters), ...);
        return net;
    }

    template <std::size_t... Commands> static auto make(std::index_sequence<Commands...>) {
        return boost::mp11::mp_apply<
            boost::mp11::mp_append,
            boost::mp11::mp_list<
                boost::mp11::mp_list<>,
                std::conditional_t<
                    of_command(Commands) == 0, boost::mp11::mp_list<>,
                    boost::mp11::mp_list<std::conditional_t<
                        of_command(Commands) == 1, command_type<Machine, Commands>,
                        times<of_command(Commands), command_type<Machine, Commands>>>>>...>>{};
    }
    using list = decltype(make(std::make_index_sequence<view.commands>{}));
    using type = boost::mp11::mp_rename<
        boost::mp11::mp_push_front<list, history_type<Machine, State, Letters...>>, sends>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::sends_differ> {
    static constexpr auto found = Finding.found;
    using type = two_orders_send_different_commands<
        Process, typename standing_commands<Machine, found.state, found.first, found.second>::type,
        typename standing_commands<Machine, found.state, found.second, found.first>::type>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::redelivery_moves> {
    static constexpr auto found = Finding.found;
    using type = redelivery_ends_in_a_different_place<
        Process, ends<history_type<Machine, found.state, found.first>, state_type<Machine, found.one_end>>,
        ends<
            history_type<Machine, found.state, found.first, found.first>,
            state_type<Machine, found.other_end>>>;
};

template <class Process, class Machine, machine_finding Finding>
struct machine_verdict_from<Process, Machine, Finding, machine_fault::redelivery_sends> {
    static constexpr auto found = Finding.found;
    using type = redelivery_sends_commands_again<
        Process, letter_type<Machine, found.first>,
        typename standing_commands<Machine, found.state, found.first, found.first>::type>;
};

template <class Process, class Machine, class Repeats> struct machine_verdict_of {
    static constexpr auto finding = find_machine_fault<Machine, Repeats>();
    using type = typename machine_verdict_from<Process, Machine, finding, finding.fault>::type;
};

/// What is wrong with a machine first, or `converges<Process>`. `Process` is the process it is checked for,
/// or the machine itself.
template <class Process, class Machine, class Repeats>
using machine_verdict = typename machine_verdict_of<Process, Machine, Repeats>::type;

} // namespace converge::detail
