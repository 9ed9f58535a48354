// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/memory/batch.hpp>
#include <converge/store/memory/sequence.hpp>
#include <converge/store/text_map.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <string_view>
#include <type_traits>
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

/// The last of its events, 0 before the first: as readers see it, and as whoever writes has written it. Its
/// name is right behind it in memory: who looks it up needs both.
struct memory_stream {
    explicit memory_stream(std::string_view called) : name{called} {}

    std::string_view name;
    position last = 0;
    position last_written = 0;
    stream_version version_written = 0;
};

/// The log of a module in memory. Position p is the p-th event: there are no gaps. It keeps no text of
/// events: whoever writes does, in `memory_batch::bytes`.
///
/// Events are written first and shown later. One thread writes. Others may read at the same time what was
/// shown; they must exclude, by a lock of the caller's, `find_or_add` and `show`, when they call `head` or
/// `find` or read `memory_stream::last`. Nothing else needs a lock.
class memory_log {
public:
    /// The number of events that are shown.
    position head() const noexcept { return shown_; }

    memory_event const& at(position of) const noexcept { return events_[static_cast<std::size_t>(of - 1)]; }

    event_view view(position of) const noexcept {
        auto const& event = at(of);
        return {of,         event.stream->name, event.version, event.id,
                event.name, event.internal,     event.payload, event.recorded_at};
    }

    memory_stream* find(std::string_view stream) const {
        auto const found = stream_by_name_.find(stream);
        return found == stream_by_name_.end() ? nullptr : found->second;
    }

    /// The positions of a stream's events past a version, the oldest first; `last` is the last of them.
    std::vector<position> positions_of_stream(position last, stream_version after) const {
        std::vector<position> found;
        for (auto each = last; each != 0 && at(each).version > after; each = at(each).previous)
            found.push_back(each);
        std::ranges::reverse(found);
        return found;
    }

    /// The last event of a stream that is seen; 0 when there is none.
    position last_seen(position last, bool sees_internal) const noexcept {
        while (last != 0 && at(last).internal && !sees_internal)
            last = at(last).previous;
        return last;
    }

    // For who writes:

    memory_stream& find_or_add(std::string_view stream) {
        if (auto* const found = find(stream))
            return *found;
        auto* const place = streams_.allocate(sizeof(memory_stream) + stream.size(), alignof(memory_stream));
        auto* const name = static_cast<char*>(place) + sizeof(memory_stream);
        auto* const added = std::construct_at(
            static_cast<memory_stream*>(place), std::string_view{name, stream.copy(name, stream.size())});
        stream_by_name_.emplace(added->name, added);
        return *added;
    }

    /// The number of events that are written.
    position written() const noexcept { return events_.size(); }
    position position_of(event_id const& id) const {
        auto const found = position_by_id_.find(id);
        return found == position_by_id_.end() ? 0 : found->second;
    }

    /// Writes an event. False when the id is there already; nothing is changed then, or when it throws.
    bool write(memory_event const& event, memory_stream& stream, timestamp now) {
        auto& added = events_.emplace_back(event);
        try {
            if (!position_by_id_.emplace(event.id, written()).second) {
                events_.pop_back();
                return false;
            }
        } catch (...) {
            events_.pop_back();
            throw;
        }
        added.stream = &stream;
        added.version = ++stream.version_written;
        added.previous = stream.last_written;
        added.recorded_at = now;
        stream.last_written = written();
        return true;
    }

    /// Takes back what is written past the first `count`, and not yet shown.
    void shrink_to(position count) noexcept {
        for (; written() > count; events_.pop_back()) {
            auto const& last = events_.back();
            position_by_id_.erase(last.id);
            last.stream->last_written = last.previous;
            --last.stream->version_written;
        }
    }

    /// What is written is there for readers.
    void show() noexcept {
        while (shown_ < written()) {
            ++shown_;
            at(shown_).stream->last = shown_;
        }
    }

private:
    memory_sequence<memory_event> events_;
    std::pmr::monotonic_buffer_resource streams_; // with their names: they stay as long as the log does
    boost::unordered_flat_map<std::string_view, memory_stream*, text_hash> stream_by_name_;
    boost::unordered_flat_map<event_id, position, event_id_hash> position_by_id_;
    position shown_ = 0;
};
static_assert(std::is_trivially_destructible_v<memory_stream>, "nobody destroys them");

} // namespace converge::detail
