// SPDX-License-Identifier: MIT
#pragma once

#include <converge/dispatch/step.hpp>
#include <converge/run/effects.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace converge {

/// Where and when an event was recorded.
struct event_origin {
    std::size_t module = 0; ///< place of the module in `modules_of<Process>`
    converge::position position{};
    timestamp recorded_at{};
};

namespace detail {

template <class Process, class Event>
constexpr bool take_data(instance_state<Process>& state, Event const& event, position at) {
    if constexpr (has_free_data<Process>) {
        if constexpr (requires { Process::apply(state.data, event); }) {
            Process::apply(state.data, event);
            return true;
        } else {
            return false;
        }
    } else {
        return state.data.take(event, at);
    }
}

/// The commands on the row that a machine takes.
template <class Process, class Machine, std::size_t Number>
void send_from_row(
    std::string_view key, instance_state<Process> const& before, process_letter letter,
    std::vector<recorded_command>& out) {
    constexpr auto const& table = table_of<Machine>;
    if constexpr (table.command_count > 0) {
        auto const& of_process = process_table_of<Process>;
        auto const& entry = of_process.events[of_process.event_of_letter[letter]];
        auto const event = find_identity(table.events, table.event_count, entry.event);
        if (event == table.event_count)
            return;
        auto const mine = machine_letter(table, event, entry, letter - entry.letter_base);
        auto const row = static_cast<std::size_t>(table.decided_by[table.cell(mine, before.states[Number])]);
        boost::mp11::mp_with_index<boost::mp11::mp_size<machine_rows<Machine>>::value>(row, [&](auto number) {
            boost::mp11::mp_for_each<boost::mp11::mp_transform<
                std::type_identity,
                sends_of_row<boost::mp11::mp_at<machine_rows<Machine>, decltype(number)>>>>(
                [&]<class Command>(std::type_identity<Command>) {
                    out.push_back(record_command(build<Command>(instance_key{key})));
                });
        });
    }
}

template <class Process, class... Machines>
void send_from_rows(
    std::string_view key, instance_state<Process> const& before, process_letter letter,
    std::vector<recorded_command>& out, boost::mp11::mp_list<Machines...>) {
    (send_from_row<Process, Machines, boost::mp11::mp_find<machines_of<Process>, Machines>::value>(
         key, before, letter, out),
     ...);
}

} // namespace detail

/// Takes one event into an instance: moves the machines, folds the data, and adds the commands this asks for
/// to `commands`. Deadlines change in `after`; new ones have no id yet. `after` must be a copy of `before`.
///
/// Returns whether anything changed or has to be sent. What guards, predicates and `from` throw passes
/// through; `before` is untouched. Complexity: linear in the number of machines that know the event, of
/// folds, and of effects.
template <convergent Process, class Event>
bool take_event(
    std::string_view key, instance_state<Process> const& before, instance_state<Process>& after,
    Event const& event, event_origin const& origin, std::vector<recorded_command>& commands) {
    auto const letter = letter_of<Process>(event);
    auto const commands_before = commands.size();
    step<Process>(after.states, letter);
    bool const data_changed = detail::take_data<Process>(after, event, origin.position);
    after.handled[origin.module] = std::max(after.handled[origin.module], origin.position);
    detail::send_from_rows<Process>(key, before, letter, commands, machines_of<Process>{});
    bool const changed = data_changed || after.states != before.states;
    // An instance begins with its first record: what its first state asks for is sent then.
    if (changed || before.version == 0) {
        auto const deadlines_before = after.deadlines.size();
        detail::reconciliation<Process> change{key, before, after, origin.recorded_at, commands};
        detail::reconcile_effects<Process>(change, effects_of<Process>{});
        if (after.deadlines.size() != deadlines_before)
            return true;
    }
    return changed || commands.size() != commands_before;
}

} // namespace converge
