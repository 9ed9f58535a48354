// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_call.hpp>
#include <converge/run/command_window.hpp>
#include <converge/run/context.hpp>
#include <converge/run/parked_commands.hpp>
#include <converge/run/parking.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/validation.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// Reads the commands of a process out of its steps, as far as a window has room for them: in the order of
/// the log, and for an instance that was left behind in the order of its stream.
template <class Process, class Store, class Context> class command_reader {
public:
    static constexpr std::string_view home = home_of<Process>::module_name;

    /// The name of the cursors.
    static std::string name() { return std::string{name_of<Process>} + ".commands"; }

    command_reader(Store& store, Context& context)
        : store_{&store}, context_{&context}, prefix_{step_stream<Process>("")},
          read_{name(), home, context.partitions.partitions()} {}

    void take(std::uint32_t partition) { read_.take(*store_, partition); }
    void give_up(std::uint32_t partition) { read_.give_up(partition); }
    /// Through here the log is read for a partition.
    position reached(std::uint32_t partition) const noexcept { return read_.reached(partition); }

    /// Reads on, one batch at most. Whether there was anything. Throws `store_error`; then nothing was taken
    /// of what could not be read.
    bool read_into(command_window& window, parked_commands const& parked) {
        bool busy = false;
        for (auto* const lane : std::vector<command_lane*>{window.lanes_to_refill()}) {
            refill(window, *lane, parked);
            busy = true;
        }
        auto const from = read_.from();
        if (!window.has_room() || from > maximum_position)
            return busy;
        steps_.clear(); // taken when the read has succeeded
        auto through =
            store_->read(home, from, context_->options.batch_size, home, [&](event_view const& event) {
                if (is_mine(event) &&
                    read_.awaits(context_->partitions.partition_of(key_of(event)), event.position))
                    note_step(event, parked);
            });
        for (auto& each : steps_)
            if (!each.commands.empty() && !window.take(
                                              each.key, context_->partitions.partition_of(each.key), each.at,
                                              each.version, std::move(each.commands))) {
                through = each.at - 1;
                break;
            }
        if (through <= from)
            return busy;
        read_.advance(through);
        return true;
    }

    struct found_command {
        std::string key;
        due_command due;
    };
    /// The command that was parked, read from its step; nothing if it is not there.
    std::optional<found_command> find(parked_item const& item) const {
        std::optional<found_command> found;
        store_->read(home, item.position - 1, 1, home, [&](event_view const& event) {
            if (event.position != item.position || !is_mine(event))
                return;
            for (auto& each : commands_of_step(event))
                if (each.place.index == item.index)
                    found = found_command{std::string{key_of(event)}, std::move(each)};
        });
        return found;
    }

private:
    struct step_read {
        std::string key;
        position at{};
        stream_version version{};
        std::vector<due_command> commands;
    };

    bool is_mine(event_view const& event) const {
        return event.name == step_event_name && event.stream.starts_with(prefix_);
    }
    std::string_view key_of(event_view const& event) const { return event.stream.substr(prefix_.size()); }

    static std::vector<due_command> commands_of_step(event_view const& event) {
        auto requested = decode_commands(event.payload);
        if (!requested)
            throw store_error{
                store_trouble::corrupt, "the step at position " + std::to_string(event.position) +
                                            " of module '" + std::string{home} +
                                            "' cannot be read: " + requested.error().what()};
        std::vector<due_command> commands;
        for (std::uint64_t index = 0; index < requested->commands.size(); ++index)
            commands.push_back(
                {std::move(requested->commands[index]), requested->module, requested->position,
                 command_place{event.position, index}});
        return commands;
    }

    void refill(command_window& window, command_lane& lane, parked_commands const& parked) {
        steps_.clear();
        store_->read_stream(
            home, prefix_ + lane.key, lane.read_version, window.refill_limit(), home,
            [&](event_view const& event) {
                if (event.position <= lane.seen && is_mine(event))
                    note_step(event, parked);
            });
        auto const through = lane.read_through;
        for (auto& each : steps_)
            window.refill(lane, each.at, each.version, std::move(each.commands));
        if (lane.read_through == through)
            throw store_error{
                store_trouble::unavailable, "the stream of instance '" + lane.key + "' of '" +
                                                std::string{name_of<Process>} +
                                                "' is behind the log of module '" + std::string{home} + "'"};
        window.note_refilled(lane);
    }

    /// What is parked already is left to its replay: it would be handed over behind later ones.
    std::vector<due_command>
    commands_to_hand_over(event_view const& event, parked_commands const& parked) const {
        auto commands = commands_of_step(event);
        std::erase_if(
            commands, [&](due_command const& each) { return parked.contains(key_of(event), each.place); });
        return commands;
    }
    /// Also a step without commands, for a stream is read on behind it.
    void note_step(event_view const& event, parked_commands const& parked) {
        steps_.push_back(
            {std::string{key_of(event)}, event.position, event.version,
             commands_to_hand_over(event, parked)});
    }

    Store* store_;
    Context* context_;
    std::string prefix_;
    partition_cursors read_;
    std::vector<step_read> steps_; // of the last read
};

} // namespace converge::detail
