// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/run/outbox.hpp>
#include <converge/run/step_record.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace converge::detail {

/// Makes step records of instances that changed. All ids in them are made of the instance and the event, so
/// that a step that is made again is the same one: its own is a name, and those of its commands count on from
/// it.
template <class Process> class step_writer {
public:
    /// Adds the step to the outbox, as the next of its stream: `next` is the state after the event, and gets
    /// the ids of its new deadlines and the version of the step.
    void write(
        outbox& out, std::string_view key, std::string_view event, std::string_view module, position position,
        instance_state<Process>& next, std::vector<recorded_command> const& commands) {
        for (auto& each : next.deadlines)
            if (each.id.is_nil())
                each.id = name_based_id(
                    std::string_view{"deadline"}, reader, key, module, position, std::uint64_t{each.effect});
        auto const id = ids_in(module).id_of(position, key);
        command_ids_.clear();
        for (std::uint32_t at = 0; at < commands.size(); ++at)
            command_ids_.push_back(id_counted_on(id, at + 1));
        // What can fail comes before there is an entry, and the memory of an earlier step is used again.
        name_step_stream<Process>(key, stream_);
        payload_.clear();
        encode_step(next, {event, module, position, commands, command_ids_}, payload_);
        auto& added = out.place();
        added.module = home;
        added.expected = expected_version::exactly(next.version);
        added.partition = 0;
        added.event.id = id;
        added.event.name = step_event_name;
        added.event.internal = true;
        added.stream.swap(stream_);
        added.event.payload.swap(payload_);
        ++next.version;
    }

    /// The ids of the commands of the step that was written last.
    std::span<event_id const> command_ids() const noexcept { return command_ids_; }

private:
    /// Of the steps that events of a module cause. One module's come together.
    id_sequence const& ids_in(std::string_view module) {
        if (!ids_ || module_ != module) {
            module_ = module; // first, for it can fail
            ids_.emplace(std::string_view{"step"}, reader, module);
        }
        return *ids_;
    }

    static constexpr std::string_view reader = name_of<Process>;
    static constexpr std::string_view home = home_of<Process>::module_name;

    std::string module_; // whose steps `ids_` has
    std::optional<id_sequence> ids_;
    std::vector<event_id> command_ids_;
    std::string stream_;
    std::string payload_;
};

} // namespace converge::detail
