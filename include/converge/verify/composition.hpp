// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/environment.hpp>
#include <converge/declare/process_table.hpp>
#include <converge/verify/explored_histories.hpp>
#include <converge/verify/machine_types.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

// From a declared process to what the checks over several machines read.
namespace converge::detail {

template <class Term> struct is_accepted_race : boost::mp11::mp_false {};
template <class One, class Other> struct is_accepted_race<accepts_race<One, Other>> : boost::mp11::mp_true {};

template <class Process>
using accepted_races_of = boost::mp11::mp_copy_if<environment_of<Process>, is_accepted_race>;
template <class Process>
using rules_of = boost::mp11::mp_remove_if<environment_of<Process>, is_accepted_race>;

template <class Process, class Event>
inline constexpr auto small_event_index = static_cast<event_index>(event_index_of<Process, Event>);

template <class Process, class Term> struct rule_of_term {
    static_assert(
        sizeof(Term) == 0, "environment<...> takes happens_before, exclusive, at_most and accepts_race");
};
template <class Process, class Cause, class Consequence>
struct rule_of_term<Process, happens_before<Cause, Consequence>> {
    static constexpr environment_rule value{
        rule_kind::happens_before, small_event_index<Process, Cause>, small_event_index<Process, Consequence>,
        0};
};
template <class Process, class One, class Other> struct rule_of_term<Process, exclusive<One, Other>> {
    static constexpr environment_rule value{
        rule_kind::exclusive, small_event_index<Process, One>, small_event_index<Process, Other>, 0};
};
template <class Process, std::size_t Limit, class Event> struct rule_of_term<Process, at_most<Limit, Event>> {
    static_assert(Limit < 1000, "at_most<Limit, Event> takes a limit below 1,000");
    static constexpr environment_rule value{rule_kind::at_most, small_event_index<Process, Event>, 0, Limit};
};

template <class Process, class... Terms> consteval auto collect_rules(boost::mp11::mp_list<Terms...>) {
    return std::array<environment_rule, sizeof...(Terms)>{rule_of_term<Process, Terms>::value...};
}

template <class Process, class... One, class... Other>
consteval auto collect_accepted(boost::mp11::mp_list<accepts_race<One, Other>...>) {
    static_assert(sizeof...(One) <= 64, "a process accepts at most 64 races");
    return std::array<accepted_pair, sizeof...(One)>{
        accepted_pair{small_event_index<Process, One>, small_event_index<Process, Other>}...};
}

template <class Process, class... Events> consteval auto collect_repeats(boost::mp11::mp_list<Events...>) {
    return std::array<bool, sizeof...(Events)>{
        boost::mp11::mp_contains<repeats_of<Process>, Events>::value...};
}

template <class... Machines> consteval auto state_counts_of(boost::mp11::mp_list<Machines...>) {
    return std::array<std::size_t, sizeof...(Machines)>{table_of<Machines>.state_count...};
}

/// Where the cells of each machine begin in the table of its process.
template <class... Machines> consteval auto first_cells_of(boost::mp11::mp_list<Machines...>) {
    std::array<std::size_t, sizeof...(Machines) + 1> first{};
    std::size_t machine = 0;
    ((first[machine + 1] = first[machine] + table_of<Machines>.next.size(), ++machine), ...);
    return first;
}

/// The commands on the rows of all machines, less those that undo another: each kind once. `mp_list`.
template <class Process>
using row_commands_of = boost::mp11::mp_unique<boost::mp11::mp_apply<
    boost::mp11::mp_append,
    boost::mp11::mp_push_front<
        boost::mp11::mp_transform<mentioned_commands, machines_of<Process>>, boost::mp11::mp_list<>>>>;

/// What the cells of a process's table send: [cell][command].
template <class Process, class... Machines> consteval auto collect_sends(boost::mp11::mp_list<Machines...>) {
    constexpr auto commands = identities(row_commands_of<Process>{});
    constexpr std::size_t cells = (std::size_t{0} + ... + table_of<Machines>.next.size());
    std::array<std::int8_t, cells * commands.size()> net{};
    std::size_t before = 0;
    auto copy = [&](auto const& table) {
        for (std::size_t command = 0; command < table.commands.size(); ++command) {
            auto const column = find_identity(commands, commands.size(), table.commands[command]);
            for (std::size_t cell = 0; cell < table.next.size(); ++cell)
                net[(before + cell) * commands.size() + column] =
                    table.net[cell * table.commands.size() + command];
        }
        before += table.next.size();
    };
    (copy(table_of<Machines>), ...);
    return net;
}

/// The arrays that the views of a process refer to.
template <class Process> struct composition_data {
    static constexpr auto state_counts = state_counts_of(machines_of<Process>{});
    static constexpr auto first_cell = first_cells_of(machines_of<Process>{});
    static constexpr auto rules = collect_rules<Process>(rules_of<Process>{});
    static constexpr auto accepted = collect_accepted<Process>(accepted_races_of<Process>{});
    static constexpr auto repeats = collect_repeats<Process>(events_of<Process>{});
    static constexpr auto net = collect_sends<Process>(machines_of<Process>{});
};

/// How many nodes are explored at most; what needs more does not compile. So many that the default limits of
/// the compilers hold: clang evaluates 2^20 steps.
inline constexpr std::size_t maximum_work = 16384;

template <std::size_t Machines> consteval std::array<bool, Machines> mark_machines(machine_set set) {
    std::array<bool, Machines> marks{};
    for (std::size_t machine = 0; machine < Machines; ++machine)
        marks[machine] = has_machine(set, machine);
    return marks;
}

/// Some machines of a process, with or without its environment, and all their histories.
template <class Process, machine_set Explored, bool InEnvironment> struct composition {
    using data = composition_data<Process>;
    static constexpr auto explored = mark_machines<machine_count_of<Process>>(Explored);
    static constexpr auto const& table = process_table_of<Process>;

    static constexpr composition_view view() {
        composition_view made{
            data::state_counts,
            initial_states<Process>,
            explored,
            table.first_target,
            table.targets,
            table.next,
            data::net,
            boost::mp11::mp_size<row_commands_of<Process>>::value,
            table.event_of_letter,
            data::repeats,
            {},
            data::accepted};
        if (InEnvironment)
            made.rules = data::rules;
        return made;
    }
    static constexpr exploration_plan<table.letter_count, machine_count_of<Process>, table.events.size()>
        plan{view()};
    // What the environment forbids is asked at each step, of each of its statements.
    static constexpr std::size_t work_of_a_step = plan.in_environment ? 2 + data::rules.size() / 8 : 1;
    static constexpr std::size_t node_bound = std::min<std::uint64_t>(
        plan.nodes, std::max<std::size_t>(maximum_work / (work_of_a_step * (plan.letter_count + 1)), 64));
    static constexpr explored_histories<
        node_bound, plan.letter_count, decltype(plan), machine_count_of<Process>>
        histories{view(), plan};
};

/// Whether the environment can forbid anything that moves the machine.
template <class Process, std::size_t Machine> consteval bool has_environment() {
    if constexpr (boost::mp11::mp_empty<rules_of<Process>>::value)
        return false;
    else
        return composition<Process, only_machine(Machine), true>::plan.in_environment;
}

} // namespace converge::detail
