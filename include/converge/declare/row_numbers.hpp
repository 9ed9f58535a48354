// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine_rows.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace converge::detail {

/// Numbers distinct identities in the order of their first mention, at most `Most` of them. A hash table with
/// linear probing: the addresses of different objects cannot be sorted at compile time, so the hash is that
/// of the name. Complexity: constant a call.
template <std::size_t Most> class identity_numbers {
public:
    /// The number of the identity; the last number if it is new and there is no place for another.
    constexpr std::size_t number(type_identity identity) {
        std::size_t slot = identity->hash & mask;
        for (; slots_[slot] != 0; slot = (slot + 1) & mask)
            if (identities_[slots_[slot] - 1U] == identity)
                return slots_[slot] - 1U;
        if (size_ == Most)
            return Most - 1;
        identities_[size_] = identity;
        slots_[slot] = static_cast<std::uint16_t>(++size_);
        return size_ - 1;
    }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr type_identity const* begin() const noexcept { return identities_; }

private:
    static constexpr std::size_t mask = std::bit_ceil(2 * Most + 1) - 1;

    type_identity identities_[Most + 1]{};
    std::uint16_t slots_[mask + 1]{}; // number + 1, or 0
    std::size_t size_ = 0;
};

/// A row by the numbers of its states and its event.
struct numbered_row {
    std::uint16_t from = 0;
    std::uint16_t event = 0;
    std::uint16_t to = 0;
};

/// The rows of a machine by numbers, and what the numbers stand for.
template <std::size_t Rows, std::size_t Sends> struct row_numbers {
    static constexpr std::size_t most_states = std::min<std::size_t>(2 * Rows, 257); // one too many is known

    std::array<numbered_row, Rows> rows{};
    std::array<std::uint16_t, Sends> command_of_send{}; // row by row
    std::array<type_identity, most_states> state_identities{};
    std::array<type_identity, Rows> event_identities{};
    std::array<type_identity, Sends> command_identities{};
    std::size_t states = 0;
    std::size_t events = 0;
    std::size_t commands = 0;
};

/// How many commands the rows send together.
template <std::size_t Rows> consteval std::size_t sends_in(std::array<raw_row, Rows> const& rows) {
    std::size_t sends = 0;
    for (auto const& row : rows)
        sends += row.additions->send_count;
    return sends;
}

/// Complexity: linear in the number of rows and commands.
template <std::size_t Sends, std::size_t Rows>
consteval row_numbers<Rows, Sends> number_rows(std::array<raw_row, Rows> const& rows) {
    row_numbers<Rows, Sends> made;
    identity_numbers<row_numbers<Rows, Sends>::most_states> states;
    identity_numbers<Rows> events;
    identity_numbers<Sends> commands;
    auto* to = made.rows.data();
    std::size_t sends = 0;
    for (auto const& row : rows) {
        to->from = static_cast<std::uint16_t>(states.number(row.from));
        to->to = static_cast<std::uint16_t>(row.to == row.from ? to->from : states.number(row.to));
        to->event = static_cast<std::uint16_t>(events.number(row.event));
        for (std::size_t send = 0; send < row.additions->send_count; ++send)
            made.command_of_send[sends++] =
                static_cast<std::uint16_t>(commands.number(row.additions->sends[send]));
        ++to;
    }
    std::copy_n(states.begin(), states.size(), made.state_identities.begin());
    std::copy_n(events.begin(), events.size(), made.event_identities.begin());
    std::copy_n(commands.begin(), commands.size(), made.command_identities.begin());
    made.states = states.size();
    made.events = events.size();
    made.commands = commands.size();
    return made;
}

/// The guards that a machine puts on each of its events.
template <std::size_t Events> struct event_guards {
    std::array<std::array<type_identity, maximum_guards>, Events> guards{};
    std::array<std::uint8_t, Events> counts{};
    std::size_t letters = 0; // of all events
    bool too_many = false;

    constexpr void add(std::size_t event, type_identity guard) {
        auto const count = counts[event];
        if (find_identity(guards[event], count, guard) < count)
            return;
        if (count == maximum_guards) {
            too_many = true;
            return;
        }
        guards[event][count] = guard;
        ++counts[event];
    }
};

template <std::size_t Events, std::size_t Rows, std::size_t Sends>
consteval event_guards<Events>
guards_of_events(std::array<raw_row, Rows> const& rows, row_numbers<Rows, Sends> const& numbers) {
    event_guards<Events> found;
    for (std::size_t row = 0; row < Rows; ++row) {
        auto const& additions = *rows.data()[row].additions;
        for (std::size_t guard = 0; guard < additions.guard_count; ++guard)
            found.add(numbers.rows.data()[row].event, additions.guards[guard]);
    }
    for (auto const count : found.counts)
        found.letters += std::size_t{1} << count;
    return found;
}

} // namespace converge::detail
