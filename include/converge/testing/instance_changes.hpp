// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/deadline_worker.hpp>
#include <converge/run/instance.hpp>
#include <converge/testing/value_text.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// What an instance has become, in words.
namespace converge::testing::detail {

/// The name of the state in which one of the machines is.
template <class Process>
std::string_view state_name_at(machine_states<Process> const& states, std::size_t wanted) {
    std::string_view found;
    std::size_t number = 0;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, machines_of<Process>>>(
        [&]<class Machine>(std::type_identity<Machine>) {
            if (number++ == wanted)
                found = table_of<Machine>.states[states[wanted]]->name;
        });
    return found;
}

/// "payment: awaiting -> paid" for each machine that has moved.
template <class Process>
void add_moves(
    machine_states<Process> const& before, machine_states<Process> const& after,
    std::vector<std::string>& lines) {
    std::size_t number = 0;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, machines_of<Process>>>(
        [&]<class Machine>(std::type_identity<Machine>) {
            if (before[number] != after[number])
                lines.push_back(
                    std::string{name_of<Machine>} + ": " +
                    std::string{state_name_at<Process>(before, number)} + " -> " +
                    std::string{state_name_at<Process>(after, number)});
            ++number;
        });
}

/// "paid_cents: 0 -> 990" for each fold that has changed, or for the process's own data.
template <class Process>
void add_data_changes(
    data_of<Process> const& before, data_of<Process> const& after, std::vector<std::string>& lines) {
    auto const add = [&](std::string_view name, std::string const& from, std::string const& to) {
        if (from != to)
            lines.push_back(std::string{name} + ": " + from + " -> " + to);
    };
    if constexpr (has_free_data<Process>) {
        add("data", value_text(before), value_text(after));
    } else {
        boost::mp11::mp_for_each<
            boost::mp11::mp_transform<std::type_identity, converge::detail::folds_of<Process>>>(
            [&]<class Fold>(std::type_identity<Fold>) {
                add(state_name<Fold>, value_text(get<Fold>(before)), value_text(get<Fold>(after)));
            });
    }
}

/// The wire name of the event that a pending deadline appends.
template <class Process> std::string_view event_of_deadline(pending_deadline const& pending) {
    std::string_view found;
    std::uint32_t number = 0;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, effects_of<Process>>>(
        [&]<class Effect>(std::type_identity<Effect>) {
            if constexpr (converge::detail::is_deadline<Effect>::value)
                if (number == pending.effect)
                    found = wire_name_of<typename Effect::command::event>;
            ++number;
        });
    return found;
}

/// What begins to be waited for, and what no longer is because its condition has ended.
template <class Process>
void add_deadline_changes(
    instance_state<Process> const& before, instance_state<Process> const& after, timestamp now,
    std::vector<std::string>& lines) {
    auto const has = [](instance_state<Process> const& state, event_id const& id) {
        return std::ranges::any_of(state.deadlines, [&](auto const& each) { return each.id == id; });
    };
    for (auto const& each : after.deadlines)
        if (!has(before, each.id))
            lines.push_back(
                "waits for " + std::string{event_of_deadline<Process>(each)} + " in " +
                span_text(each.due - now));
    for (auto const& each : before.deadlines)
        if (!has(after, each.id) && each.due > now)
            lines.push_back("no longer waits for " + std::string{event_of_deadline<Process>(each)});
}

/// Everything that one step or several have changed in an instance, a line each.
template <class Process>
std::vector<std::string>
changes_between(instance_state<Process> const& before, instance_state<Process> const& after, timestamp now) {
    std::vector<std::string> lines;
    add_moves<Process>(before.states, after.states, lines);
    add_data_changes<Process>(before.data, after.data, lines);
    add_deadline_changes<Process>(before, after, now, lines);
    return lines;
}

} // namespace converge::testing::detail
