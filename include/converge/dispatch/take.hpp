// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_table.hpp>
#include <converge/dispatch/event_reference.hpp>
#include <converge/dispatch/letter_table.hpp>
#include <converge/dispatch/step_table.hpp>
#include <converge/verify/process_structure.hpp>
#include <converge/verify/process_types.hpp>

#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstddef>
#include <utility>

namespace converge {

/// Index of a letter of a process: an event together with the outcomes of the guards on it.
using process_letter = std::size_t;

/// What a step tells of the rows that it takes: called with the machine's place in `machines_of<Process>` and
/// the row's number in `sending_rows_of` that machine, counted from 1; 0 if the row sends nothing. It is
/// called whether something is sent or not, so that counting needs no branch; and once more for the first
/// machine, with 0, in a process whose events are known to different numbers of machines.
template <class Sent>
concept row_listener = std::invocable<Sent&, std::size_t, std::size_t>;

namespace detail {

struct no_listener {
    constexpr void operator()(std::size_t, std::size_t) const noexcept {}
};

/// As `letter_of`, for a process that need not be verified.
template <class Process, class Event>
constexpr process_letter letter_of_event([[maybe_unused]] Event const& event) {
    static_assert(can_take<Process, Event>);
    constexpr auto index = event_index_of<Process, Event>;
    if constexpr (index == process_table_of<Process>.events.size()) {
        return 0; // one error is enough
    } else {
        constexpr auto const& entry = process_table_of<Process>.events[index];
        return [&]<std::size_t... Guards>(std::index_sequence<Guards...>) {
            process_letter letter = entry.letter_base;
            ((letter +=
              process_guard_type<Process, index, Guards>{}(event) ? process_letter{1} << Guards : 0),
             ...);
            return letter;
        }(std::make_index_sequence<entry.guard_count>{});
    }
}

template <class Process, std::size_t Index>
constexpr bool note_letter(event_reference<Process> event, process_letter& letter) {
    if constexpr (process_table_of<Process>.events[Index].guard_count == 0) {
        return false;
    } else {
        if (event.index() != Index)
            return false;
        letter =
            letter_of_event<Process>(event.template as<boost::mp11::mp_at_c<events_of<Process>, Index>>());
        return true;
    }
}

/// The letter of an event: its guards, if it has some, are asked. Compilers make a switch of it, over the
/// events that have guards.
template <class Process> constexpr process_letter letter_of_reference(event_reference<Process> event) {
    auto letter = process_letter{process_table_of<Process>.events[event.index()].letter_base};
    [&]<std::size_t... Indices>(std::index_sequence<Indices...>) {
        (void)(note_letter<Process, Indices>(event, letter) || ...);
    }(std::make_index_sequence<process_table_of<Process>.events.size()>{});
    return letter;
}

/// The place of a machine: known without looking where there is one only.
template <class Process> constexpr std::size_t machine_at(std::size_t number) noexcept {
    return machine_count_of<Process> == 1 ? 0 : number;
}

/// Moves a machine by a row. The row is known early, the state of the step before comes last: nothing but the
/// load of the new state waits for it.
template <class Process, class Sent>
constexpr void enter_row(
    machine_states<Process>& states, std::size_t machine, step_row<Process> const& row,
    [[maybe_unused]] Sent& sent) {
    auto const from = states[machine];
    if constexpr (std::same_as<Sent, no_listener const> || !rows_send<Process>) {
        states[machine] = row.look[from];
        sent(machine, std::size_t{0});
    } else {
        states[machine] = row.look[from];
        sent(machine, std::size_t{row.sent[from]});
    }
}

/// The number of the sending row that decides a cell of the process's table, 0 if it sends nothing.
template <class Process, class... Machines>
constexpr std::size_t
sent_from_cell(std::size_t machine, std::size_t cell, boost::mp11::mp_list<Machines...>) {
    std::size_t number = 0;
    std::size_t first = 0;
    std::size_t found = 0;
    ((number++ == machine ? void(found = step_row_maker<Machines>::sent(cell - first)) : void(),
      first += table_of<Machines>.next.size()),
     ...);
    return found;
}

/// Moves the machines by a letter, by the process's own table.
template <class Process, class Sent>
constexpr void take_target(machine_states<Process>& states, letter_target const& target, Sent& sent) {
    auto const cell = target.offset + states[target.machine];
    states[target.machine] = process_table_of<Process>.next[cell];
    if constexpr (!std::same_as<Sent, no_listener const>)
        sent(target.machine, sent_from_cell<Process>(target.machine, cell, machines_of<Process>{}));
}

} // namespace detail

// Steps of processes that need not be verified, for tools and tests; `step` takes those that are.

/// Moves the machines by an event whose letter is known, and tells what the rows send. Complexity: as for an
/// event whose type is known at run time only.
template <class Process, row_listener Sent = detail::no_listener const>
constexpr void take(machine_states<Process>& states, process_letter letter, Sent&& sent = {}) {
    if constexpr (detail::has_letter_table<Process>) {
        constexpr auto const& table = detail::letter_table_of<Process>;
        auto const& rows = table.rows[letter];
        auto const& machines = table.machines[letter];
        for (std::size_t at = 0; at < table.width; ++at)
            detail::enter_row<Process>(states, detail::machine_at<Process>(machines[at]), rows[at], sent);
    } else {
        auto const& table = process_table_of<Process>;
        for (auto at = table.first_target[letter]; at < table.first_target[letter + 1]; ++at)
            detail::take_target<Process>(states, table.targets[at], sent);
    }
}

/// Moves the machines by an event whose type is known at the call, and tells what the rows send. Guards are
/// asked first. Complexity: one table load for each machine that knows the event.
template <class Process, class Event, row_listener Sent = detail::no_listener const>
    requires(event_index_of<Process, Event> < process_table_of<Process>.events.size())
constexpr void take(machine_states<Process>& states, Event const& event, Sent&& sent = {}) {
    constexpr auto const& table = process_table_of<Process>;
    constexpr std::size_t base = table.events[event_index_of<Process, Event>].letter_base;
    [[maybe_unused]] auto const letter = detail::letter_of_event<Process>(event);
    [&]<std::size_t... Targets>(std::index_sequence<Targets...>) {
        if constexpr (detail::has_letter_table<Process>)
            (detail::enter_row<Process>(
                 states, table.targets[table.first_target[base] + Targets].machine,
                 detail::letter_table_of<Process>.rows[letter][Targets], sent),
             ...);
        else
            (detail::take_target<Process>(states, table.targets[table.first_target[letter] + Targets], sent),
             ...);
    }(std::make_index_sequence<table.first_target[base + 1] - table.first_target[base]>{});
}

/// Moves the machines by an event whose type is known at run time only, and tells what the rows send. Guards
/// are asked where the answer matters. No heap, no exception of its own, no virtual call. Complexity: one
/// table load for each machine that knows the event, or, where no event is known to more than four machines,
/// for as many as know the best known one.
template <class Process, row_listener Sent = detail::no_listener const>
constexpr void take(machine_states<Process>& states, event_reference<Process> event, Sent&& sent = {}) {
    constexpr auto const& table = detail::step_table_of<Process>;
    if constexpr (!table.sizes.dense()) {
        take<Process>(states, detail::letter_of_reference<Process>(event), sent);
    } else {
        auto const& rows = table.rows[event.index()];
        auto const& machines = table.machines[event.index()];
        // All guards are asked before the first machine moves, for they may throw.
        if constexpr (table.sizes.guarded != 0)
            for (std::size_t at = 0; at < table.sizes.width; ++at)
                if (rows[at].look[states[detail::machine_at<Process>(machines[at])]] == detail::asks_guards)
                    [[unlikely]]
                    return take<Process>(states, detail::letter_of_reference<Process>(event), sent);
        for (std::size_t at = 0; at < table.sizes.width; ++at)
            detail::enter_row<Process>(states, detail::machine_at<Process>(machines[at]), rows[at], sent);
    }
}

} // namespace converge
