// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <dispatch/contenders.hpp>
#include <utility>
#include <variant>

namespace contenders {

template <std::size_t Number> struct state {};

template <class Sequence> struct states_of;
template <std::size_t... Numbers> struct states_of<std::index_sequence<Numbers...>> {
    using type = std::variant<state<Numbers>...>;
};
template <class Workload>
using state_variant = typename states_of<std::make_index_sequence<Workload::states>>::type;

/// The rows by [event][state]; their number where there is none.
template <class Workload>
inline constexpr auto row_numbers = [] {
    std::array<
        std::array<std::uint16_t, Workload::states>, boost::mp11::mp_size<typename Workload::events>::value>
        made{};
    for (auto& states : made)
        states.fill(Workload::rows.size());
    for (std::size_t at = 0; at < Workload::rows.size(); ++at)
        made[Workload::rows[at].event][Workload::rows[at].from] = static_cast<std::uint16_t>(at);
    return made;
}();

/// What a pair of state and event does: the function that a hand would overload for it.
template <class Workload> struct transition {
    state_variant<Workload>& of_machine;
    std::uint64_t& total;

    template <std::size_t From, class Event>
    void operator()(state<From>, [[maybe_unused]] Event const& event) const {
        constexpr auto number = boost::mp11::mp_find<typename Workload::events, Event>::value;
        constexpr auto at = row_numbers<Workload>[number][From];
        if constexpr (at < Workload::rows.size()) {
            constexpr auto row = Workload::rows[at];
            if constexpr (row.guarded)
                if (!Workload::template guard<number>(event))
                    return;
            if constexpr (Workload::actions)
                total += weight(at + 1);
            of_machine.template emplace<row.to>();
        }
    }
};

template <class Workload> consteval auto machines_of_events() {
    std::array<std::size_t, boost::mp11::mp_size<typename Workload::events>::value> machines{};
    for (auto const& row : Workload::rows)
        machines[row.event] = row.machine;
    return machines;
}

} // namespace contenders

template <class Workload> contenders::variant_log<Workload> contenders::decoded(log events) {
    constexpr auto types = boost::mp11::mp_size<typename Workload::events>::value;
    variant_log<Workload> made;
    made.reserve(events.size());
    for (auto const& each : events)
        boost::mp11::mp_with_index<types>(std::size_t{each.index}, [&](auto number) {
            made.emplace_back(each.as<boost::mp11::mp_at<typename Workload::events, decltype(number)>>());
        });
    return made;
}

template <class Workload> std::uint64_t contenders::variant(variant_log<Workload> const& events) {
    static constexpr auto machines = machines_of_events<Workload>();
    std::uint64_t total = 0;
    std::array<state_variant<Workload>, Workload::machines> states{};
    std::size_t taken = 0;
    for (auto const& each : events) {
        auto& of_machine = states[Workload::machines == 1 ? 0 : machines[each.index()]];
        // One visit of both would make a function for each of the 10,000 pairs of the largest workload, and
        // compile for minutes.
        std::visit(
            [&](auto const& event) {
                std::visit(
                    [&](auto from) { transition<Workload>{of_machine, total}(from, event); }, of_machine);
            },
            each);
        if constexpr (!Workload::actions)
            if (++taken % events_an_instance == 0)
                for (auto& one : states) {
                    total = total * 31 + one.index();
                    one = {};
                }
    }
    return total;
}
