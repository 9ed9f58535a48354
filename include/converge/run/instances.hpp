// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/read_step.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/concepts.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace converge {

/// The state of one instance as its last step has it; nothing if no step is recorded. Throws `store_error`
/// (`corrupt`); `process_changed` when another declaration of the process wrote it. Complexity: one look-up.
template <process Process, event_log Store>
std::optional<instance_state<Process>> read_instance(Store& store, std::string_view key) {
    constexpr std::string_view home = home_of<Process>::module_name;
    auto const last = store.last_of_stream(home, detail::step_stream<Process>(key), home);
    if (!last)
        return std::nullopt;
    return detail::read_step<Process>(*last);
}

/// The states of all instances by key. Throws `store_error` (`corrupt`); `process_changed` when another
/// declaration of the process wrote one. Complexity: reads the home module's log once; memory for every
/// instance.
template <process Process, event_log Store>
std::map<std::string, instance_state<Process>> read_instances(Store& store) {
    constexpr std::string_view home = home_of<Process>::module_name;
    auto const prefix = detail::step_stream<Process>("");
    std::map<std::string, recorded_event> last;
    store.read(home, 0, ~std::size_t{0}, home, [&](event_view const& event) {
        if (event.name == step_event_name && event.stream.starts_with(prefix))
            last.insert_or_assign(std::string{event.stream.substr(prefix.size())}, recorded_event{event});
    });
    std::map<std::string, instance_state<Process>> instances;
    for (auto const& [key, step] : last)
        instances.emplace(key, detail::read_step<Process>(step));
    return instances;
}

} // namespace converge
