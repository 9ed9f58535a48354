// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_table.hpp>
#include <converge/verify/process_structure.hpp>
#include <converge/verify/process_types.hpp>
#include <converge/verify/verified.hpp>

#include <cstddef>
#include <utility>

namespace converge {

/// Index of a letter of a process: an event together with the outcomes of the guards on it.
using process_letter = std::size_t;

namespace detail {

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

} // namespace detail

/// The letter that a concrete event is: its guards are asked. Complexity: one call for each guard on the
/// event's type.
template <convergent Process, class Event> constexpr process_letter letter_of(Event const& event) {
    return detail::letter_of_event<Process>(event);
}

/// Moves the machines by an event whose letter is known, as it comes out of a log. No heap, no exception, no
/// virtual call. Complexity: one table load for each machine that knows the event.
template <convergent Process>
constexpr void step(machine_states<Process>& states, process_letter letter) noexcept {
    take_letter<Process>(states, letter);
}

/// Moves the machines by an event whose type is known at the call.
template <convergent Process, class Event>
    requires(event_index_of<Process, Event> < process_table_of<Process>.events.size())
constexpr void step(machine_states<Process>& states, Event const& event) {
    take_letter<Process>(states, letter_of<Process>(event));
}

} // namespace converge
