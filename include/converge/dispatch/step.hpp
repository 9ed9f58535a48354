// SPDX-License-Identifier: MIT
#pragma once

#include <converge/dispatch/take.hpp>
#include <converge/verify/verified.hpp>

namespace converge {

/// The letter that a concrete event is: its guards are asked. Complexity: one call for each guard on the
/// event's type.
template <convergent Process, class Event> constexpr process_letter letter_of(Event const& event) {
    return detail::letter_of_event<Process>(event);
}

/// The letter of an event whose type is known at run time only. Complexity: one call for each guard on the
/// event's type.
template <convergent Process> constexpr process_letter letter_of(event_reference<Process> event) {
    return detail::letter_of_reference<Process>(event);
}

/// Moves the machines by an event whose letter is known. No heap, no exception, no virtual call. Complexity:
/// one table load for each machine that knows the event, or, where no event is known to more than four
/// machines, for as many as know the best known one.
template <convergent Process>
constexpr void step(machine_states<Process>& states, process_letter letter) noexcept {
    take<Process>(states, letter);
}

/// Moves the machines by an event whose type is known at the call; what guards throw passes through, and
/// nothing has moved. `sent` is told what the rows send. Complexity: one table load for each machine that
/// knows the event.
template <convergent Process, class Event, row_listener Sent = detail::no_listener const>
    requires(event_index_of<Process, Event> < process_table_of<Process>.events.size())
constexpr void step(machine_states<Process>& states, Event const& event, Sent&& sent = {}) {
    take<Process>(states, event, sent);
}

/// Moves the machines by an event whose type is known at run time only, as it comes out of a log. Its guards
/// are asked only in states where the answer matters. `sent` is told what the rows send. No heap, no virtual
/// call. Complexity: one table load for each machine that knows the event, or, where no event is known to
/// more than four machines, for as many as know the best known one.
template <convergent Process, row_listener Sent = detail::no_listener const>
constexpr void step(machine_states<Process>& states, event_reference<Process> event, Sent&& sent = {}) {
    take<Process>(states, event, sent);
}

} // namespace converge
