// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_call.hpp>
#include <converge/run/command_window.hpp>
#include <converge/run/context.hpp>
#include <converge/run/fresh_steps.hpp>
#include <converge/run/parked_commands.hpp>
#include <converge/run/parking.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/concepts.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
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
          read_{name(), home, context.partitions.partitions()},
          fresh_{
              context.options.command_window + batch_beside_window(context.options),
              batch_beside_window(context.options)} {}

    /// Begins with a partition, from its saved cursor. What this worker has written it may have taken from
    /// memory before, and lost with the partition, so from there on the log tells.
    void take(std::uint32_t partition) {
        fresh_.clear();
        read_.take(*store_, partition);
    }
    void give_up(std::uint32_t partition) { read_.give_up(partition); }
    /// Through here the log is read for a partition.
    position reached(std::uint32_t partition) const noexcept { return read_.reached(partition); }

    /// Reads on, one batch of the log at most. Whether there was anything. Throws `store_error`; then nothing
    /// was taken of what could not be read.
    bool read_into(command_window& window, parked_commands const& parked) {
        bool busy = false;
        for (auto* const lane : std::vector<command_lane*>{window.lanes_to_refill()}) {
            refill(window, *lane, parked);
            busy = true;
        }
        // Own steps as far as they go. The log is asked at most once: if there are none to begin with, or for
        // what lies before the next of them, unless nothing of its own can be there.
        bool was_read = false;
        for (bool is_first = true; window.has_room() && read_.from() <= maximum_position; is_first = false) {
            auto const from = read_.from();
            auto* const own = fresh_.find(from + 1);
            bool const is_fresh = own != nullptr && own->first <= from + 1;
            if (own != nullptr && !is_fresh && has_none_in_log(from + 1)) {
                read_.advance(own->first - 1);
                continue;
            }
            if (!is_fresh && !is_first && (was_read || own == nullptr))
                break; // the next call will ask the log
            was_read |= !is_fresh;
            auto const end = is_fresh ? own->last : own != nullptr ? own->first - 1 : maximum_position;
            auto const through =
                is_fresh ? take_fresh(*own, window, parked) : read_log(from, end, window, parked);
            if (through <= from)
                break;
            read_.advance(through);
            busy = true;
            if (through < end)
                break;
        }
        return busy;
    }

    /// What this worker writes itself, and need not read.
    fresh_steps& fresh() noexcept { return fresh_; }

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
            for (auto& each : decode_due_commands(event))
                if (each.place.index == item.index)
                    found = found_command{std::string{key_of(event)}, std::move(each)};
        });
        return found;
    }

private:
    /// The size of a batch, or what can be counted beside the window.
    static std::size_t batch_beside_window(runner_options const& options) {
        return std::min(options.batch_size, ~std::size_t{0} - options.command_window);
    }
    /// Whether from a position on the log has no steps of its partitions but those that are fresh: a lease is
    /// taken before a doubt begins, and while it holds others cannot write any.
    bool has_none_in_log(position from) const {
        if constexpr (fenced_log<Store>)
            return !context_->leases.empty() && fresh_.complete_from() <= from;
        else
            return false;
    }
    bool is_mine(event_view const& event) const {
        return event.name == step_event_name && event.stream.starts_with(prefix_);
    }
    std::string_view key_of(event_view const& event) const { return event.stream.substr(prefix_.size()); }

    static std::vector<due_command> decode_due_commands(event_view const& event) {
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

    /// Of a run of this worker's own steps. Through which position they are taken.
    position take_fresh(fresh_steps::run& own, command_window& window, parked_commands const& parked) {
        try {
            for (; !own.steps.empty(); fresh_.forget_step()) {
                auto& step = own.steps.front();
                auto const partition = context_->partitions.partition_of(step.key);
                if (!read_.awaits(partition, step.at))
                    continue;
                leave_out_parked(step.key, step.commands, parked);
                if (!take_step(step, partition, window))
                    return step.at - 1;
            }
        } catch (...) {
            fresh_.clear(); // it may have lost something, and the log has not
            throw;
        }
        return own.last;
    }

    /// One batch of the log, `end` at most. Through which position its steps are taken.
    position read_log(position from, position end, command_window& window, parked_commands const& parked) {
        steps_.clear(); // taken when the read has succeeded
        auto const limit = std::min<std::uint64_t>(context_->options.batch_size, end - from);
        auto const through =
            store_->read(home, from, static_cast<std::size_t>(limit), home, [&](event_view const& event) {
                if (event.position <= end && is_mine(event) &&
                    read_.awaits(context_->partitions.partition_of(key_of(event)), event.position))
                    note_step(event, parked);
            });
        for (auto& each : steps_)
            if (!take_step(each, context_->partitions.partition_of(each.key), window))
                return each.at - 1;
        return std::min(through, end);
    }

    static bool take_step(commands_of_step& step, std::uint32_t partition, command_window& window) {
        return step.commands.empty() ||
               window.take(step.key, partition, step.at, step.version, std::move(step.commands));
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
    static void leave_out_parked(
        std::string_view key, std::vector<due_command>& commands, parked_commands const& parked) {
        std::erase_if(commands, [&](due_command const& each) { return parked.contains(key, each.place); });
    }
    std::vector<due_command>
    commands_to_hand_over(event_view const& event, parked_commands const& parked) const {
        auto commands = decode_due_commands(event);
        leave_out_parked(key_of(event), commands, parked);
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
    fresh_steps fresh_;
    std::vector<commands_of_step> steps_; // of the last read
};

} // namespace converge::detail
