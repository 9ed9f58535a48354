// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/fingerprint.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/concepts.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace converge {

/// The instances in the store were made by another declaration of the process. `what()` says where they
/// stand.
class process_changed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

namespace detail {

/// How many instances stand in which states, from the last steps of a log, whatever declaration wrote them.
/// Complexity: reads the whole log.
template <class Process, event_log Store>
std::map<std::string, std::size_t> where_instances_stand(Store& store) {
    constexpr std::string_view home = home_of<Process>::module_name;
    auto const prefix = step_stream<Process>("");
    std::map<std::string, std::string> last;
    store.read(home, 0, ~std::size_t{0}, home, [&](event_view const& event) {
        if (event.name != step_event_name || !event.stream.starts_with(prefix))
            return;
        auto states = with_document<std::map<std::string, std::string>>(
            event.payload, [](boost::json::value const& document) {
                std::map<std::string, std::string> found;
                record_reader record{document};
                record.read("states", found);
                return decode_result<std::map<std::string, std::string>>{std::move(found)};
            });
        std::string text;
        if (states)
            for (auto const& [machine, state] : *states)
                text += (text.empty() ? "" : ", ") + machine + ": " + state;
        last[std::string{event.stream}] = std::move(text);
    });
    std::map<std::string, std::size_t> counted;
    for (auto const& [stream, text] : last)
        ++counted[text];
    return counted;
}

/// Notes which declaration of the process works on the store, or refuses when it was another one.
template <class Process, event_log Store> void register_process(Store& store) {
    constexpr std::string_view home = home_of<Process>::module_name;
    auto const stream = "converge/process/" + std::string{name_of<Process>};
    auto const mine = fingerprint_text(fingerprint_of<Process>);
    auto const last = store.last_of_stream(home, stream, home);
    if (last && last->payload == "\"" + mine + "\"")
        return;
    if (last && (last->payload.size() != mine.size() + 2 || !last->payload.starts_with('"')))
        throw store_error{
            store_trouble::corrupt, "version " + std::to_string(last->version) + " of stream '" + stream +
                                        "' in module '" + std::string{home} +
                                        "' is not the fingerprint of a process"};
    if (last) {
        std::string message = "process manager '" + std::string{name_of<Process>} +
                              "' has changed: this program's declaration is " + mine +
                              ", the instances were made by " + last->payload.substr(1, 16) +
                              ". They stand at:";
        for (auto const& [text, number] : where_instances_stand<Process>(store))
            message += "\n  " + std::to_string(number) + " x " + text;
        throw process_changed{message};
    }
    new_event const made{
        name_based_id(std::string_view{"process"}, name_of<Process>, mine), std::string{process_event_name},
        true, "\"" + mine + "\""};
    // Two programs that start at once write the same id, or one of them sees the other's the next time.
    (void)store.append({home, stream, expected_version::any(), {&made, 1}});
}

} // namespace detail

} // namespace converge
