// SPDX-License-Identifier: MIT
#include <cstdint>
#include <dispatch/known.hpp>
#include <dispatch/variant_run.hpp>
#include <flat.hpp>
#include <variant>
#include <vector>

template contenders::variant_log<flat::workload> contenders::decoded<flat::workload>(log);
template std::uint64_t contenders::variant<flat::workload>(variant_log<flat::workload> const&);

std::uint64_t contenders::known::variant(typed_log const& events) {
    std::vector<state_variant<flat::workload>> instances(known_instances);
    return events.replay(instances, [](auto& state, auto const& event, auto) {
        std::uint64_t added = 0;
        std::visit([&](auto from) { transition<flat::workload>{state, added}(from, event); }, state);
        return added;
    });
}
