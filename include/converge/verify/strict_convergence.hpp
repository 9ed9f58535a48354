// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_parts.hpp>
#include <converge/verify/convergence.hpp>
#include <converge/verify/redelivery.hpp>

#include <array>
#include <cstddef>
#include <utility>

// The first and cheapest check of a machine: alone, in all histories, states compared by name. Where it holds
// nothing else need be looked at.
namespace converge::detail {

/// Which letters of a machine may count when repeated.
template <class Machine, class Repeats> consteval auto counting_letters() {
    constexpr auto const& table = table_of<Machine>;
    constexpr auto counting = identities(Repeats{});
    std::array<bool, table.letter_count + 1> counts{};
    for (std::size_t letter = 0; letter < table.letter_count; ++letter)
        counts[letter] =
            find_identity(counting, counting.size(), table.events[table.event_of_letter[letter]]) <
            counting.size();
    return counts;
}

/// So many states are checked in one evaluation: clang gives up after 2^20 steps, g++ after 2^25.
template <class Machine> consteval std::size_t states_in_one_part() {
    constexpr std::size_t steps_in_one_part = 400'000;
    constexpr std::size_t steps_of_a_pair = 10;
    auto const view = view_of(table_of<Machine>);
    auto const steps =
        view.letters * view.letters * (steps_of_a_pair / 2 + view.commands * steps_of_a_pair) + 1;
    return steps_in_one_part / steps + 1;
}

template <class Machine, std::size_t Part>
inline constexpr divergence divergence_in_part = find_divergence(
    view_of(table_of<Machine>), reached_of<Machine>, Part* states_in_one_part<Machine>(),
    (Part + 1) * states_in_one_part<Machine>());

template <class Machine, std::size_t... Parts>
consteval divergence first_divergence(std::index_sequence<Parts...>) {
    divergence found;
    ((found = found.kind == divergence_kind::none ? divergence_in_part<Machine, Parts> : found), ...);
    return found;
}

/// What a machine does strictly: nothing wrong, or the first two orders that differ, else the first
/// redelivery.
struct strict_finding {
    divergence found{};
    bool redelivery = false;
};

template <class Machine, class Repeats> consteval strict_finding find_strict_fault() {
    constexpr auto size = states_in_one_part<Machine>();
    constexpr auto parts = (reached_of<Machine>.size + size - 1) / size;
    if (auto const found = first_divergence<Machine>(std::make_index_sequence<parts>{});
        found.kind != divergence_kind::none)
        return {found, false};
    constexpr auto counts = counting_letters<Machine, Repeats>();
    return {find_redelivery(view_of(table_of<Machine>), reached_of<Machine>, counts), true};
}

template <class Machine, class Repeats>
inline constexpr strict_finding strict_finding_of = find_strict_fault<Machine, Repeats>();

template <class Machine, class Repeats>
inline constexpr bool converges_strictly =
    strict_finding_of<Machine, Repeats>.found.kind == divergence_kind::none;

} // namespace converge::detail
