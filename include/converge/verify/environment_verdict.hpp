// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/composition.hpp>
#include <converge/verify/verdict.hpp>

#include <array>
#include <cstddef>

// Whether what is said of the environment can be true.
namespace converge::detail {

/// The first event that no admitted history has, the number of events if there is none. An event needs all
/// that has to happen before it, and so on: it is ruled out if it is among them itself, or if two of them
/// exclude each other, or if one may happen no time at all.
template <std::size_t Events, std::size_t Rules>
consteval std::size_t find_ruled_out_event(std::array<environment_rule, Rules> const& rules) {
    for (std::size_t event = 0; event < Events; ++event) {
        std::array<bool, Events> needed{};
        for (bool grew = true; grew;) {
            grew = false;
            for (auto const& rule : rules)
                if (rule.kind == rule_kind::happens_before && (rule.second == event || needed[rule.second]) &&
                    !needed[rule.first])
                    needed[rule.first] = grew = true;
        }
        bool ruled_out = needed[event];
        needed[event] = true;
        for (auto const& rule : rules)
            ruled_out = ruled_out ||
                        (needed[rule.first] && rule.kind == rule_kind::at_most && rule.limit == 0) ||
                        (needed[rule.first] && rule.kind == rule_kind::exclusive && needed[rule.second]);
        if (ruled_out)
            return event;
    }
    return Events;
}

template <class Named, class Process> struct environment_verdict {
    static constexpr auto events = process_table_of<Process>.events.size();

    static auto decide() {
        constexpr auto event = find_ruled_out_event<events>(composition_data<Process>::rules);
        if constexpr (event < events)
            return environment_rules_out<Named, type_number<events_of<Process>, event>>{};
        else
            return converges<Named>{};
    }
    using type = decltype(decide());
};

} // namespace converge::detail
