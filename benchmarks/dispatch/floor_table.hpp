// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <dispatch/workload.hpp>
#include <utility>

/// What a hand would write for a workload if speed were all: tables indexed by [event][state].
template <class Workload> struct floor_table {
    static constexpr std::size_t events = boost::mp11::mp_size<typename Workload::events>::value;
    static constexpr std::uint8_t asks = 255; // in place of a state: a guard decides

    std::uint8_t next[events][Workload::states]{};
    std::uint8_t guarded_next[events][Workload::states]{};
    std::uint16_t weights[events][Workload::states]{};
    std::uint8_t machine[events]{};
    bool guarded = false;

    constexpr bool has_guard(std::size_t event) const {
        for (auto const to : next[event])
            if (to == asks)
                return true;
        return false;
    }
};

template <class Workload> consteval floor_table<Workload> make_floor_table() {
    floor_table<Workload> made;
    for (auto& states : made.next)
        for (std::size_t state = 0; state < Workload::states; ++state)
            states[state] = static_cast<std::uint8_t>(state);
    for (std::size_t at = 0; at < Workload::rows.size(); ++at) {
        auto const& row = Workload::rows[at];
        made.machine[row.event] = row.machine;
        made.next[row.event][row.from] = row.guarded ? made.asks : row.to;
        made.guarded_next[row.event][row.from] = row.to;
        made.weights[row.event][row.from] = weight(at + 1);
        made.guarded = made.guarded || row.guarded;
    }
    return made;
}

/// The same for events whose type is known: by [event][outcome of the guard][state].
template <class Workload> struct known_table {
    static constexpr std::size_t events = floor_table<Workload>::events;

    std::uint8_t next[events][2][Workload::states]{};
    std::uint16_t weights[events][2][Workload::states]{};
};

template <class Workload> consteval known_table<Workload> make_known_table() {
    known_table<Workload> made;
    for (auto& outcomes : made.next)
        for (auto& states : outcomes)
            for (std::size_t state = 0; state < Workload::states; ++state)
                states[state] = static_cast<std::uint8_t>(state);
    for (std::size_t at = 0; at < Workload::rows.size(); ++at) {
        auto const& row = Workload::rows[at];
        for (std::size_t outcome = row.guarded ? 1 : 0; outcome < 2; ++outcome) {
            made.next[row.event][outcome][row.from] = row.to;
            made.weights[row.event][outcome][row.from] = weight(at + 1);
        }
    }
    return made;
}

/// Asks the guard on an event; compilers make a jump table of it.
template <class Workload> bool ask_guard(logged const& arrived) {
    bool holds = false;
    [&]<std::size_t... Events>(std::index_sequence<Events...>) {
        auto const one = [&]<std::size_t Event>() {
            if (arrived.index != Event)
                return false;
            holds = Workload::template guard<Event>(
                arrived.as<boost::mp11::mp_at_c<typename Workload::events, Event>>());
            return true;
        };
        (void)(one.template operator()<Events>() || ...);
    }(std::make_index_sequence<floor_table<Workload>::events>{});
    return holds;
}
