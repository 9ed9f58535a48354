// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_table.hpp>
#include <converge/dispatch/event_reference.hpp>
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

/// Asks the guards on an event. Compilers make a jump table of it, over the events that have guards.
template <class Process> constexpr process_letter letter_of_reference(event_reference<Process> event) {
    auto letter = process_letter{process_table_of<Process>.events[event.index()].letter_base};
    [&]<std::size_t... Indices>(std::index_sequence<Indices...>) {
        (void)(note_letter<Process, Indices>(event, letter) || ...);
    }(std::make_index_sequence<process_table_of<Process>.events.size()>{});
    return letter;
}

/// The machine of a target: known without looking where there is one only.
template <class Process, class Target> constexpr std::size_t machine_in(Target const& target) noexcept {
    if constexpr (machine_count_of<Process> == 1)
        return 0;
    else
        return target.machine;
}

template <class Process, class Sent>
constexpr void enter_cell(
    machine_states<Process>& states, std::size_t machine, std::size_t cell, state_index to, Sent& sent) {
    states[machine] = to;
    if constexpr (!std::same_as<Sent, no_listener const>) {
        if constexpr (step_table<Process>::sends)
            sent(machine, std::size_t{step_table_of<Process>.sent[cell]});
        else
            sent(machine, std::size_t{0});
    }
}

/// Moves the machine that is the letter's target number `at`.
template <class Process, class Sent>
constexpr void
enter_target(machine_states<Process>& states, process_letter letter, std::size_t at, Sent& sent) {
    auto const& table = process_table_of<Process>;
    auto const& target = table.targets[table.first_target[letter] + at];
    auto const machine = machine_in<Process>(target);
    auto const cell = target.offset + states[machine];
    enter_cell<Process>(states, machine, cell, table.next[cell], sent);
}

/// Whether the machine's state is one where the guards on the event matter.
template <class Process>
constexpr bool asks(machine_states<Process> const& states, step_target const& target) noexcept {
    auto const cell = target.offset + states[machine_in<Process>(target)];
    return step_table_of<Process>.look[cell] == asks_guards && cell < step_table<Process>::own_cells;
}

template <class Process, class Sent>
constexpr void enter_look(machine_states<Process>& states, step_target const& target, Sent& sent) {
    auto const machine = machine_in<Process>(target);
    auto const cell = target.offset + states[machine];
    enter_cell<Process>(states, machine, cell, step_table_of<Process>.look[cell], sent);
}

} // namespace detail

// Steps of processes that need not be verified, for tools and tests; `step` takes those that are.

/// Moves the machines by an event whose letter is known, and tells what the rows send. Complexity: one table
/// load for each machine that knows the event.
template <class Process, row_listener Sent = detail::no_listener const>
constexpr void take(machine_states<Process>& states, process_letter letter, Sent&& sent = {}) {
    auto const& table = process_table_of<Process>;
    auto const count = table.first_target[letter + 1] - table.first_target[letter];
    for (std::size_t at = 0; at < count; ++at)
        detail::enter_target<Process>(states, letter, at, sent);
}

/// Moves the machines by an event whose type is known at the call, and tells what the rows send. Guards are
/// asked first. Complexity: one table load for each machine that knows the event.
template <class Process, class Event, row_listener Sent = detail::no_listener const>
    requires(event_index_of<Process, Event> < process_table_of<Process>.events.size())
constexpr void take(machine_states<Process>& states, Event const& event, Sent&& sent = {}) {
    constexpr auto const& table = process_table_of<Process>;
    constexpr std::size_t base = table.events[event_index_of<Process, Event>].letter_base;
    constexpr auto first = table.first_target[base];
    [[maybe_unused]] auto const letter = detail::letter_of_event<Process>(event);
    [&]<std::size_t... Targets>(std::index_sequence<Targets...>) {
        [[maybe_unused]] auto const one = [&]<std::size_t Target>() {
            constexpr auto machine = std::size_t{table.targets[first + Target].machine};
            std::size_t cell = states[machine];
            if constexpr (table.events[event_index_of<Process, Event>].guard_count == 0)
                cell += table.targets[first + Target].offset;
            else
                cell += table.targets[table.first_target[letter] + Target].offset;
            detail::enter_cell<Process>(states, machine, cell, table.next[cell], sent);
        };
        (one.template operator()<Targets>(), ...);
    }(std::make_index_sequence<table.first_target[base + 1] - first>{});
}

/// Moves the machines by an event whose type is known at run time only, and tells what the rows send. Guards
/// are asked where the answer matters. No heap, no exception of its own, no virtual call. Complexity: one
/// table load for each machine that knows the event, or for as many machines as know the best known event,
/// if these are at most four.
template <class Process, row_listener Sent = detail::no_listener const>
constexpr void take(machine_states<Process>& states, event_reference<Process> event, Sent&& sent = {}) {
    using table = detail::step_table<Process>;
    auto const take_all = [&](std::size_t count, auto target) {
        // All guards are asked before the first machine moves, for they may throw.
        if constexpr (table::guarded)
            for (std::size_t at = 0; at < count; ++at)
                if (detail::asks<Process>(states, target(at))) [[unlikely]]
                    return take<Process>(states, detail::letter_of_reference<Process>(event), sent);
        for (std::size_t at = 0; at < count; ++at)
            detail::enter_look<Process>(states, target(at), sent);
    };
    if constexpr (table::padded) {
        auto const& targets = detail::step_table_of<Process>.targets[event.index()];
        take_all(table::width, [&](std::size_t at) { return targets[at]; });
    } else {
        auto const& of_process = process_table_of<Process>;
        auto const letter = of_process.events[event.index()].letter_base;
        auto const first = of_process.first_target[letter];
        take_all(of_process.first_target[letter + 1] - first, [&](std::size_t at) {
            auto const& found = of_process.targets[first + at];
            return detail::step_target{found.offset, found.machine};
        });
    }
}

} // namespace converge
