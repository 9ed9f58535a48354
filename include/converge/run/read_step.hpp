// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/process_changed.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/error.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace converge::detail {

/// The fingerprint of the declaration that wrote a step; empty if the text is no step record.
inline std::string_view fingerprint_of_step(std::string_view payload) {
    // Nothing before this member can hold its text, for inside a JSON string the quotes would be escaped.
    constexpr std::string_view member = R"("process":")";
    constexpr std::size_t digits = 16;
    auto const at = payload.find(member);
    if (at == std::string_view::npos || payload.size() - at - member.size() < digits)
        return {};
    return payload.substr(at + member.size(), digits);
}

/// Which step of which stream, for messages.
template <class Process, class Event> std::string place_of_step(Event const& step) {
    return "step " + std::to_string(step.version) + " of stream '" + std::string{step.stream} +
           "' in module '" + std::string{home_of<Process>::module_name} + "'";
}

/// The state of an instance as a step has it that the same declaration of the process wrote. Throws
/// `process_changed` when another one did, `store_error` (`corrupt`) when it cannot be read.
template <class Process, class Event> instance_state<Process> read_step(Event const& step) {
    auto const written_by = fingerprint_of_step(step.payload);
    if (auto const mine = fingerprint_text(fingerprint_of<Process>);
        !written_by.empty() && written_by != mine)
        throw process_changed{
            "process manager '" + std::string{name_of<Process>} +
            "' has changed: this program's declaration is " + mine + ", " + place_of_step<Process>(step) +
            " was written by " + std::string{written_by}};
    auto state = decode_step<Process>(step.payload);
    if (!state)
        throw store_error{
            store_trouble::corrupt,
            place_of_step<Process>(step) + " cannot be read: " + state.error().what()};
    state->version = step.version;
    return std::move(*state);
}

} // namespace converge::detail
