// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/step_record.hpp>
#include <converge/store/concepts.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// All instances of a process, whatever declaration of it made them, in bounded memory.
namespace converge::detail {

/// Calls `use(keys)` with the keys of the instances that are in the log when it begins, each once, a batch of
/// the log at a time: those whose first step is in it. `use` may call the store. Complexity: reads the whole
/// log of the home module.
template <class Process, event_log Store, class Use>
void for_each_batch_of_instances(Store& store, std::size_t batch_size, Use use) {
    constexpr std::string_view home = home_of<Process>::module_name;
    auto const prefix = step_stream<Process>("");
    auto const head = store.head(home);
    std::vector<std::string> keys;
    for (position from = 0; from < head;) {
        keys.clear();
        auto const through = store.read(home, from, batch_size, home, [&](event_view const& event) {
            if (event.name == step_event_name && event.version == 1 && event.stream.starts_with(prefix))
                keys.emplace_back(event.stream.substr(prefix.size()));
        });
        if (!keys.empty())
            use(std::as_const(keys));
        if (through == from)
            return;
        from = through;
    }
}

/// The states that a step names, as text: "machine: state, machine: state".
inline std::string text_of_states(std::string_view payload) {
    auto const states =
        with_document<std::map<std::string, std::string>>(payload, [](boost::json::value const& document) {
            std::map<std::string, std::string> found;
            record_reader record{document};
            record.read("states", found);
            return decode_result<std::map<std::string, std::string>>{std::move(found)};
        });
    std::string text;
    if (states)
        for (auto const& [machine, state] : *states)
            text += (text.empty() ? "" : ", ") + machine + ": " + state;
    return text;
}

/// How many instances stand in which states, as text, whatever declaration wrote their last steps; `remark`
/// may add to the text of one. Complexity: reads the whole log, and looks up each instance.
template <class Process, event_log Store, class Remark>
std::map<std::string, std::size_t> where_instances_stand(Store& store, Remark remark) {
    constexpr std::string_view home = home_of<Process>::module_name;
    constexpr std::size_t batch_size = 512;
    std::map<std::string, std::size_t> counted;
    for_each_batch_of_instances<Process>(store, batch_size, [&](std::vector<std::string> const& keys) {
        for (auto const& key : keys)
            if (auto const last = store.last_of_stream(home, step_stream<Process>(key), home))
                ++counted[text_of_states(last->payload) + remark(key, *last)];
    });
    return counted;
}
template <class Process, event_log Store>
std::map<std::string, std::size_t> where_instances_stand(Store& store) {
    return where_instances_stand<Process>(
        store, [](std::string const&, recorded_event const&) { return std::string{}; });
}

} // namespace converge::detail
