// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/event.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace converge::detail {

struct memory_stream;

/// An event as it stands in memory. Its text is elsewhere.
struct memory_event {
    event_id id{};
    std::string_view name;
    std::string_view payload;
    bool internal = false;
    memory_stream* stream = nullptr;
    stream_version version = 0;
    position previous = 0; // of the same stream; 0: it is the first
    timestamp recorded_at{};
};

/// Events that are written together, made before they are waited for: all their text is one piece of memory,
/// to be kept for as long as the events are.
class memory_batch {
public:
    explicit memory_batch(std::span<append_request const> requests) {
        std::size_t size = 0;
        std::size_t count = 0;
        for (auto const& request : requests)
            for (auto const& event : request.events) {
                size += event.name.size() + event.payload.size();
                ++count;
            }
        bytes = std::make_unique_for_overwrite<char[]>(size); // NOLINT(*-avoid-c-arrays): of a size known now
        events.reserve(count);
        free_ = bytes.get();
        for (auto const& request : requests)
            for (auto const& event : request.events)
                events.push_back({event.id, copy(event.name), copy(event.payload), event.internal});
    }

    std::unique_ptr<char[]> bytes; // NOLINT(*-avoid-c-arrays)
    std::vector<memory_event> events;

private:
    std::string_view copy(std::string_view text) {
        std::string_view const copied{free_, text.size()};
        free_ += text.copy(free_, text.size());
        return copied;
    }

    char* free_ = nullptr;
};

} // namespace converge::detail
