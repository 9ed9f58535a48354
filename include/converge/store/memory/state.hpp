// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/memory/records.hpp>
#include <converge/store/text_map.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// Both halves of an id count: users number theirs by hand too, in whichever half.
struct event_id_hash {
    std::size_t operator()(event_id const& id) const noexcept {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        std::memcpy(&low, id.data, sizeof low);
        std::memcpy(&high, id.data + sizeof low, sizeof high);
        return static_cast<std::size_t>(low * 0x9E3779B97F4A7C15U + high);
    }
};

struct memory_stream {
    std::string name;
    std::vector<position> positions; // by version - 1
};

struct memory_event {
    new_event event;
    memory_stream* stream = nullptr;
    stream_version version = 0;
    timestamp recorded_at{};

    event_view view(position at) const {
        return {at, stream->name, version, event.id, event.name, event.internal, event.payload, recorded_at};
    }
};

/// Some events that were found under the lock, to be visited without it. They stay where they are, and what
/// they are, for as long as the state exists.
class memory_page {
public:
    /// For as many of them as fit, and no more than `limit`.
    void begin(std::size_t limit) noexcept {
        size_ = 0;
        wanted_ = std::min(limit, found_.size());
    }
    bool is_full() const noexcept { return size_ == wanted_; }
    void add(memory_event const& each, position at, bool sees_internal) noexcept {
        if (!each.event.internal || sees_internal)
            found_[size_++] = {&each, at};
    }
    /// How many there were.
    template <class Visitor> std::size_t visit(Visitor& visitor) const {
        for (std::size_t at = 0; at < size_; ++at)
            visitor(found_[at].event->view(found_[at].at));
        return size_;
    }

private:
    struct found_event {
        memory_event const* event;
        position at;
    };
    std::array<found_event, 128>
        found_; // NOLINT(cppcoreguidelines-pro-type-member-init): not before it is found
    std::size_t size_ = 0;
    std::size_t wanted_ = 0;
};

struct memory_module {
    std::deque<memory_event> events; // position p is events[p - 1]: there are no gaps here
    std::deque<memory_stream> streams;
    text_map<memory_stream*> stream_by_name;
    boost::unordered_flat_map<event_id, position, event_id_hash> position_by_id;

    memory_event const& at(position of) const { return events[static_cast<std::size_t>(of - 1)]; }

    memory_stream* find(std::string_view stream) const {
        auto const found = stream_by_name.find(stream);
        return found == stream_by_name.end() ? nullptr : found->second;
    }

    memory_stream& add(std::string_view stream) {
        auto& added = streams.emplace_back(memory_stream{std::string{stream}, {}});
        stream_by_name.emplace(added.name, &added);
        return added;
    }

    position position_of(event_id const& id) const {
        auto const found = position_by_id.find(id);
        return found == position_by_id.end() ? 0 : found->second;
    }

    /// Adds an event. When it throws, or gives false because the id is there already, `shrink_to` takes away
    /// what it left.
    bool push(new_event&& event, memory_stream& stream, timestamp now) {
        auto const id = event.id;
        events.push_back({std::move(event), &stream, stream.positions.size() + 1, now});
        stream.positions.push_back(events.size());
        return position_by_id.emplace(id, events.size()).second;
    }

    /// Takes back the events past the first `count`, also one that was pushed in part.
    void shrink_to(std::size_t count) {
        for (; events.size() > count; events.pop_back()) {
            auto const& last = events.back();
            if (position_of(last.event.id) == events.size())
                position_by_id.erase(last.event.id);
            if (last.stream->positions.size() == last.version)
                last.stream->positions.pop_back();
        }
    }
};

/// A shared mutex whose readers, however busy, cannot keep a writer out for ever, as they can with the one of
/// the standard library on Linux: whoever comes passes the gate, in which a writer waits.
class fair_shared_mutex {
public:
    void lock() {
        std::scoped_lock const passing{gate_};
        mutex_.lock();
    }
    void unlock() { mutex_.unlock(); }
    void lock_shared() {
        std::scoped_lock const passing{gate_};
        mutex_.lock_shared();
    }
    void unlock_shared() { mutex_.unlock_shared(); }

private:
    std::mutex gate_;
    std::shared_mutex mutex_;
};

/// Everything that memory stores share, as connections share a database.
struct memory_state {
    fair_shared_mutex guard;
    text_map<std::unique_ptr<memory_module>> modules;
    text_map<position> cursors; // by reader, NUL, module
    memory_records records;
    std::set<std::string, std::less<>> running;
    std::function<timestamp()> clock = [] {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    };

    memory_module const* find(std::string_view module) const {
        auto const found = modules.find(module);
        return found == modules.end() ? nullptr : found->second.get();
    }

    memory_module& find_or_add(std::string_view module) {
        auto const found = modules.find(module);
        if (found != modules.end())
            return *found->second;
        return *modules.emplace(std::string{module}, std::make_unique<memory_module>()).first->second;
    }
};

/// The right to run a process manager on a memory state.
class memory_runner_lock {
public:
    memory_runner_lock(std::shared_ptr<memory_state> state, std::string process)
        : state_{std::move(state)}, process_{std::move(process)} {}
    memory_runner_lock(memory_runner_lock&&) noexcept = default;
    memory_runner_lock& operator=(memory_runner_lock&& other) noexcept {
        std::swap(state_, other.state_);
        std::swap(process_, other.process_);
        return *this;
    }
    ~memory_runner_lock() {
        if (!state_)
            return;
        std::scoped_lock const lock{state_->guard};
        state_->running.erase(process_);
    }

private:
    std::shared_ptr<memory_state> state_;
    std::string process_;
};

} // namespace converge::detail
