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

    static constexpr auto compare() {
        if (!complete)
            return order_difference<histories_type::node_bound>{};
        auto const view = composed::view();
        return order_comparison<
                   histories_type, histories_type::node_bound, same_observation<Process, Failing>>{
            view, histories, {}}
            .run();
    }
    static constexpr auto found = compare();
    static constexpr bool holds = complete && found.fault == order_fault::none;
    static constexpr order_path<histories_type, std::remove_cvref_t<decltype(found)>> path{histories, found};

    static constexpr std::size_t end_of(bool other) { return other ? found.other_end : found.one_end; }
};

} // namespace converge::detail
