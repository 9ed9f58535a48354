// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_window.hpp>
#include <converge/run/commands.hpp>
#include <converge/run/fresh_steps.hpp>
#include <converge/store/append.hpp>
#include <converge/store/event.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// A step that a worker has made and is about to write.
struct made_step {
    std::string key;        // of the instance
    std::string_view event; // wire name
    converge::position position{};
    timestamp recorded_at{};
    stream_version version{};
    std::size_t commands = 0;
    std::size_t deadlines = 0;
    /// These commands, but for the position of the step; none where there was no room for them in memory.
    std::vector<due_command> due;
};

/// The commands of a step, whose position is not known yet. Their texts are taken.
inline std::vector<due_command> take_due_commands(
    std::span<recorded_command> commands, std::span<event_id const> ids, std::string_view module,
    position event) {
    std::vector<due_command> due;
    due.reserve(commands.size());
    for (std::size_t at = 0; at < commands.size(); ++at)
        due.push_back(
            {{ids[at], std::string{commands[at].name}, std::move(commands[at].payload)},
             std::string{module},
             event,
             command_place{0, at}});
    return due;
}

/// Tells what was written, in the order of the log: first the steps, and then anything else. What was there
/// already, somebody else has written, perhaps otherwise.
inline void note_fresh(std::span<made_step> made, std::span<appended const> written, fresh_steps& fresh) {
    for (std::size_t at = 0; at < written.size(); ++at) {
        auto const& [first, last, version, repeated] = written[at];
        if (repeated) {
            fresh.doubt();
            continue;
        }
        if (at >= made.size() || made[at].commands == 0) {
            fresh.add(last);
            continue;
        }
        auto& due = made[at].due;
        if (due.empty()) { // there was no room for it
            fresh.doubt();
            continue;
        }
        for (auto& each : due)
            each.place.step = last;
        fresh.add({made[at].key, last, version, std::move(due)});
    }
}

} // namespace converge::detail
