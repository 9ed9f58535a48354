// SPDX-License-Identifier: MIT
#include <array>
#include <composed.hpp>
#include <cstddef>
#include <cstdint>
#include <dispatch/contenders.hpp>
#include <dispatch/floor_table.hpp>
#include <dispatch/known.hpp>
#include <flat.hpp>
#include <large.hpp>
#include <order.hpp>

template <class Workload> std::uint64_t contenders::floor(log events) {
    static constexpr auto table = make_floor_table<Workload>();
    std::uint64_t total = 0;
    std::uint8_t states[Workload::machines]{};
    replay<Workload>(
        events,
        [&](logged const& each) {
            auto& state = states[Workload::machines == 1 ? 0 : table.machine[each.index]];
            auto const before = state;
            auto const to = table.next[each.index][before];
            if (table.guarded && to == table.asks) [[unlikely]] {
                if (!ask_guard<Workload>(each))
                    return;
                state = table.guarded_next[each.index][before];
            } else {
                state = to;
            }
            if constexpr (Workload::actions)
                total += table.weights[each.index][before];
        },
        [&] {
            total = with_states(total, states);
            for (auto& state : states)
                state = 0;
        });
    return total;
}

template std::uint64_t contenders::floor<order::workload>(log);
template std::uint64_t contenders::floor<flat::workload>(log);
template std::uint64_t contenders::floor<composed::workload>(log);
template std::uint64_t contenders::floor<large::workload>(log);

std::uint64_t contenders::known::floor(typed_log const& events) {
    [[maybe_unused]] static constexpr auto table = make_floor_table<flat::workload>();
    [[maybe_unused]] static constexpr auto known = make_known_table<flat::workload>();
    std::array<std::uint8_t, known_instances> states{};
    return events.replay(states, [&](std::uint8_t& state, [[maybe_unused]] auto const& event, auto type) {
        std::size_t outcome = 0;
        if constexpr (table.has_guard(type))
            outcome = flat::workload::guard<type>(event) ? 1 : 0;
        auto const before = state;
        state = known.next[type][outcome][before];
        return std::uint64_t{known.weights[type][outcome][before]};
    });
}
