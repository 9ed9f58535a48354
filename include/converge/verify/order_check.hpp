// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/composition.hpp>
#include <converge/verify/observation.hpp>
#include <converge/verify/order_differences.hpp>
#include <converge/verify/order_path.hpp>

#include <cstddef>
#include <type_traits>

namespace converge::detail {

/// The check of a machine that does not converge strictly, with all machines that its differences may matter
/// to: `Explored`, of which the `Failing` ones may end in different states.
template <class Process, machine_set Explored, machine_set Failing, bool InEnvironment> struct order_check {
    using process = Process;
    using composed = composition<Process, Explored, InEnvironment>;
    using histories_type = std::remove_cvref_t<decltype(composed::histories)>;
    static constexpr machine_set failing = Failing;
    static constexpr std::size_t machines = machine_count_of<Process>;
    static constexpr histories_type const& histories = composed::histories;
    static constexpr bool complete = histories.complete;

    using comparison =
        order_comparison<histories_type, histories_type::node_bound, same_observation<Process, Failing>>;

    /// So many nodes are compared in one evaluation: clang gives up after 2^20 steps.
    static constexpr std::size_t nodes_in_part = 50'000 / (histories.letters * histories.letters / 2 + 1) + 1;

    template <std::size_t Part> static constexpr comparison compare_part() {
        if constexpr (Part == 0)
            return comparison{composed::view(), histories, {}}.compare(0, nodes_in_part);
        else
            return comparison{compared<Part - 1>}.compare(Part * nodes_in_part, (Part + 1) * nodes_in_part);
    }
    template <std::size_t Part> static constexpr comparison compared = compare_part<Part>();

    static constexpr std::size_t pairs_in_part = 4'000 / (histories.letters + 1) + 1;

    template <std::size_t Part> static constexpr comparison follow_part() {
        if constexpr (Part == 0)
            return compared<(histories.size - 1) / nodes_in_part>;
        else
            return comparison{followed<Part - 1>}.follow(pairs_in_part);
    }
    template <std::size_t Part> static constexpr comparison followed = follow_part<Part>();

    template <std::size_t Part = 0> static constexpr auto compare() {
        if constexpr (!complete)
            return order_difference<histories_type::node_bound>{};
        else if constexpr (followed<Part>.done())
            return followed<Part>.result();
        else
            return compare<Part + 1>();
    }
    static constexpr auto found = compare();
    static constexpr bool holds = complete && found.fault == order_fault::none;
    static constexpr order_path<histories_type, std::remove_cvref_t<decltype(found)>> path{histories, found};

    static constexpr std::size_t end_of(bool other) { return other ? found.other_end : found.one_end; }
};

} // namespace converge::detail
