// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/step_record.hpp>
#include <converge/store/concepts.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace converge {

/// The state of one instance as its last step has it; nothing if no step is recorded. Throws `store_error`
/// (`corrupt`). Complexity: one look-up.
template <process Process, event_log Store>
std::optional<instance_state<Process>> read_instance(Store& store, std::string_view key) {
    constexpr std::string_view home = home_of<Process>::module_name;
    auto const last = store.last_of_stream(home, detail::step_stream<Process>(key), home);
    if (!last)
        return std::nullopt;
    auto decoded = detail::decode_step<Process>(last->payload);
    if (!decoded)
        throw store_error{
            store_trouble::corrupt,
            "the last step of '" + last->stream + "' cannot be read: " + decoded.error().what()};
    decoded->version = last->version;
    return std::move(*decoded);
}

/// The states of all instances by key. Throws `store_error` (`corrupt`). Complexity: reads the home module's
/// log once; memory for every instance.
template <process Process, event_log Store>
std::map<std::string, instance_state<Process>> read_instances(Store& store) {
    constexpr std::string_view home = home_of<Process>::module_name;
    auto const prefix = detail::step_stream<Process>("");
    std::map<std::string, std::pair<stream_version, std::string>> last;
    store.read(home, 0, ~std::size_t{0}, home, [&](event_view const& event) {
        if (event.name == step_event_name && event.stream.starts_with(prefix))
            last[std::string{event.stream.substr(prefix.size())}] = {
                event.version, std::string{event.payload}};
    });
    std::map<std::string, instance_state<Process>> instances;
    for (auto const& [key, step] : last) {
        auto decoded = detail::decode_step<Process>(step.second);
        if (!decoded)
            throw store_error{
                store_trouble::corrupt,
                "the last step of instance '" + key + "' cannot be read: " + decoded.error().what()};
        decoded->version = step.first;
        instances.emplace(key, std::move(*decoded));
    }
    return instances;
}

} // namespace converge
