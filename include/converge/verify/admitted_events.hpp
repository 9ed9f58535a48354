// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/composition.hpp>

#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace converge::detail {

/// Which of some concrete events can come next, and which pairs have an accepted race.
template <class Process, class... Events> struct admitted_events {
    static constexpr std::array<event_index, sizeof...(Events)> types{small_event_index<Process, Events>...};
    static constexpr std::array<bool, sizeof...(Events)> counts{
        boost::mp11::mp_contains<repeats_of<Process>, Events>::value...};

    static constexpr std::size_t delivered(std::uint32_t set, event_index type) {
        std::size_t times = 0;
        for (std::size_t event = 0; event < types.size(); ++event)
            times += (set >> event & 1U) != 0 && types[event] == type ? 1U : 0U;
        return times;
    }
    static constexpr bool admits(std::uint32_t set, std::size_t event) {
        auto const type = types[event];
        for (auto const& rule : composition_data<Process>::rules) {
            bool const forbids = rule.kind == rule_kind::happens_before
                                     ? rule.second == type && delivered(set, rule.first) == 0
                                 : rule.kind == rule_kind::exclusive
                                     ? (rule.first == type && delivered(set, rule.second) != 0) ||
                                           (rule.second == type && delivered(set, rule.first) != 0)
                                     : rule.first == type && delivered(set, rule.first) >= rule.limit;
            if (forbids)
                return false;
        }
        return true;
    }
    static constexpr bool accepts_race(std::size_t one, std::size_t other) {
        for (auto const& each : composition_data<Process>::accepted)
            if (each.joins(types[one], types[other]))
                return true;
        return false;
    }
    static constexpr bool races_with_any(std::uint32_t set, std::size_t event) {
        for (std::size_t other = 0; other < types.size(); ++other)
            if (other != event && (set >> other & 1U) != 0 && accepts_race(event, other))
                return true;
        return false;
    }
};

} // namespace converge::detail
