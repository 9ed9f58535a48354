// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_table.hpp>

#include <concepts>

namespace converge {

/// An event of a process whose type is known at run time only, as it comes out of a log: its index, and where
/// its payload is. It refers to the payload and does not keep it. Trivially copyable; thread-safe as a
/// pointer is.
template <class Process> class event_reference {
public:
    /// Refers to an event of a type that the process reads.
    template <class Event>
        requires(event_index_of<Process, Event> < process_table_of<Process>.events.size())
    explicit constexpr event_reference(Event const& event) noexcept
        : payload_{&event}, index_{static_cast<event_index>(event_index_of<Process, Event>)} {}

    /// Refers to the payload of an event with this index in `events_of<Process>`. Precondition: the index is
    /// less than the number of events, and `payload` points to an object of the type at that place.
    constexpr event_reference(event_index index, void const* payload) noexcept
        : payload_{payload}, index_{index} {}

    constexpr event_index index() const noexcept { return index_; }

    /// Precondition: `Event` is the type of the event.
    template <class Event> Event const& as() const noexcept { return *static_cast<Event const*>(payload_); }

private:
    void const* payload_;
    event_index index_;
};

} // namespace converge
