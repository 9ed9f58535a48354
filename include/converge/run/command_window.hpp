// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_origin.hpp>
#include <converge/run/step_record.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// A command that is to be handed over.
struct due_command {
    command_entry command;
    std::string module; // of the event
    converge::position position{};
    command_place place;
    std::uint64_t turn = 0; // in the order of reading
};

/// The commands of one instance that are in memory, in their order; only the first may be in a handler's
/// hands.
struct command_lane {
    enum class standing { ready, waiting, running, held };

    std::string key;
    std::uint32_t partition = 0;
    std::deque<due_command> commands;
    standing stands = standing::ready; // of the first command
    std::uint32_t attempts = 0;        // of the first command: how many have failed
    std::chrono::steady_clock::time_point retry_at;
    // An instance with many commands is left behind by the reading of the log: the rest is read from its own
    // stream when there is room.
    stream_version read_version = 0; // up to here it is read
    converge::position read_through = 0;
    converge::position seen = 0; // the last step of it that the reading of the log came past

    bool is_behind() const noexcept { return read_through < seen; }
};

/// The commands that a worker has in memory: bounded, fair among instances, and at any time it is known
/// before which step nothing is unfinished.
///
/// The commands are handed over in the order in which they were read. An instance has at most a share of the
/// places, and when it has more commands it queues again for each share, so that one with a long backlog
/// delays the others by no more than that. Not thread-safe. References to commands live until `finish`.
class command_window {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit command_window(std::size_t capacity)
        : capacity_{std::max<std::size_t>(capacity, 1)}, share_{std::max<std::size_t>(capacity_ / 16, 1)} {}

    bool has_room() const noexcept { return held_ < capacity_ && lanes_.size() < capacity_; }
    std::size_t size() const noexcept { return held_; }
    bool empty() const noexcept { return lanes_.empty(); }

    /// Takes the commands of a step that the reading of the log has come to. False: there is no room, the
    /// commands are as they were, and the reading must come to this step again.
    bool take(
        std::string_view key, std::uint32_t partition, converge::position step, stream_version version,
        std::vector<due_command>&& commands) {
        auto found = lanes_.find(key);
        if (found != lanes_.end() && found->second.is_behind()) {
            found->second.seen = step;
            return true;
        }
        if (found != lanes_.end() && found->second.commands.size() >= share_) {
            auto& behind = found->second;
            behind.read_version = version - 1;
            behind.read_through = step - 1;
            behind.seen = step;
            return true;
        }
        if (found == lanes_.end() ? !has_room() : held_ >= capacity_)
            return false;
        if (found == lanes_.end())
            found = lanes_.emplace(std::string{key}, command_lane{}).first;
        auto& lane = found->second;
        if (lane.key.empty()) {
            lane.key = key;
            lane.partition = partition;
        }
        add(lane, std::move(commands));
        return true;
    }

    /// The instances that have nothing in memory, but commands in their streams.
    std::vector<command_lane*> const& lanes_to_refill() const noexcept { return to_refill_; }
    /// How many steps of such an instance may be read.
    std::size_t refill_limit() const noexcept {
        return std::clamp<std::size_t>(capacity_ - std::min(held_, capacity_), 1, share_);
    }
    /// A step that was read from the stream of an instance.
    void refill(
        command_lane& lane, converge::position step, stream_version version,
        std::vector<due_command> commands) {
        lane.read_version = version;
        lane.read_through = step;
        add(lane, std::move(commands));
    }
    /// The reading of the stream has ended for now.
    void note_refilled(command_lane& lane) {
        if (!lane.commands.empty() || !lane.is_behind())
            std::erase(to_refill_, &lane);
        if (lane.commands.empty() && !lane.is_behind())
            lanes_.erase(lane.key);
    }

    /// The next command that may be handed over: the first of this lane, which is running from now on. Null:
    /// there is none now.
    command_lane* next(time_point now) {
        while (!waiting_.empty() && waiting_.begin()->first <= now) {
            auto* const lane = waiting_.begin()->second;
            waiting_.erase(waiting_.begin());
            make_ready(*lane);
        }
        if (ready_.empty())
            return nullptr;
        auto* const lane = ready_.begin()->second;
        ready_.erase(ready_.begin());
        lane->stands = command_lane::standing::running;
        return lane;
    }

    /// The running command is done. `hold`: the next one of its instance has to wait for `release_held`.
    void finish(command_lane& lane, bool hold) {
        lane.commands.pop_front();
        lane.attempts = 0;
        --held_;
        if (hold) {
            lane.stands = command_lane::standing::held;
            held_back_.push_back(&lane);
        } else {
            go_on(lane);
        }
    }
    /// The running command is tried again, not before a time.
    void retry(command_lane& lane, time_point at) {
        lane.stands = command_lane::standing::waiting;
        lane.retry_at = at;
        waiting_.emplace(at, &lane);
    }
    /// The running command was not handed over after all.
    void give_back(command_lane& lane) { make_ready(lane); }

    void release_held() {
        for (auto* const lane : std::exchange(held_back_, {}))
            go_on(*lane);
    }

    /// When the next command that waits for its retry may be tried.
    std::optional<time_point> next_retry() const {
        return waiting_.empty() ? std::nullopt : std::optional{waiting_.begin()->first};
    }

    /// Of each partition: through which position everything is finished, if the log is read through `read`.
    /// Complexity: linear in the number of instances in memory.
    void limit_to_finished(std::vector<converge::position>& read) const {
        for (auto const& [key, lane] : lanes_) {
            auto& through = read[lane.partition];
            if (!lane.commands.empty())
                through = std::min(through, lane.commands.front().place.step - 1);
            else if (lane.is_behind())
                through = std::min(through, lane.read_through);
        }
    }

    /// Whether there is an instance of a partition; and one whose command is running.
    bool has(std::uint32_t partition) const {
        return std::ranges::any_of(
            lanes_, [&](auto const& each) { return each.second.partition == partition; });
    }
    bool is_running(std::uint32_t partition) const {
        auto const running = [&](command_lane const& lane) {
            return lane.partition == partition && lane.stands == command_lane::standing::running;
        };
        return std::ranges::any_of(lanes_, [&](auto const& each) { return running(each.second); }) ||
               std::ranges::any_of(abandoned_, [&](auto const& each) { return running(each.mapped()); });
    }

    /// Forgets the instances of a partition. A command that is running is abandoned: it stays where it is
    /// until it comes back.
    void drop(std::uint32_t partition) {
        for (auto each = lanes_.begin(); each != lanes_.end();) {
            auto& lane = each->second;
            if (lane.partition != partition) {
                ++each;
                continue;
            }
            held_ -= lane.commands.size();
            if (!lane.commands.empty()) {
                ready_.erase({lane.commands.front().turn, &lane});
                waiting_.erase({lane.retry_at, &lane});
            }
            std::erase(to_refill_, &lane);
            std::erase(held_back_, &lane);
            auto const gone = each++;
            if (lane.stands == command_lane::standing::running)
                abandoned_.push_back(lanes_.extract(gone));
            else
                lanes_.erase(gone);
        }
    }
    /// For a command that comes back: whether it was abandoned. Then its lane is gone.
    bool forget_abandoned(command_lane const& lane) {
        return std::erase_if(abandoned_, [&](auto const& each) { return &each.mapped() == &lane; }) != 0;
    }

private:
    void add(command_lane& lane, std::vector<due_command> commands) {
        bool const was_empty = lane.commands.empty();
        for (auto& each : commands) {
            each.turn = ++turns_;
            lane.commands.push_back(std::move(each));
            ++held_;
        }
        if (was_empty && !lane.commands.empty() && lane.stands != command_lane::standing::held)
            make_ready(lane);
    }
    void make_ready(command_lane& lane) {
        lane.stands = command_lane::standing::ready;
        ready_.emplace(lane.commands.front().turn, &lane);
    }
    void go_on(command_lane& lane) {
        lane.stands = command_lane::standing::ready;
        if (!lane.commands.empty())
            make_ready(lane);
        else if (lane.is_behind())
            to_refill_.push_back(&lane);
        else
            lanes_.erase(lane.key);
    }

    std::size_t capacity_;
    std::size_t share_;
    std::size_t held_ = 0;
    std::uint64_t turns_ = 0;
    using lanes = std::map<std::string, command_lane, std::less<>>; // addresses last
    lanes lanes_;
    std::vector<lanes::node_type> abandoned_;
    std::set<std::pair<std::uint64_t, command_lane*>> ready_;
    std::set<std::pair<time_point, command_lane*>> waiting_;
    std::vector<command_lane*> to_refill_;
    std::vector<command_lane*> held_back_;
};

} // namespace converge::detail
