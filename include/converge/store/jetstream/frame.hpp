// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/event.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The content of a message in a module's log. Numbers are little-endian; a text is its size in 4 bytes and
// its bytes.
namespace converge::detail {

enum class jetstream_kind : unsigned char {
    events = 1, ///< the events of one append
    closed = 2, ///< the stream goes on at its other subject
    fence = 3   ///< nothing: it takes the place in which a message might still have arrived
};

/// One event in a frame.
struct jetstream_frame_event {
    event_id id{};
    std::string_view name;
    std::string_view payload;
};

/// The last event of a subject, repeated in a `closed` or `fence`, so that the last message of a subject
/// always tells the last event.
struct jetstream_kept_event {
    converge::position position{};
    stream_version version{};
    std::uint64_t recorded_at{}; ///< microseconds
    jetstream_frame_event event;
};

/// A decoded message; views into it.
struct jetstream_frame {
    jetstream_kind kind{};
    stream_version version{}; ///< of the stream after it
    std::string_view stream;
    std::vector<jetstream_frame_event> events;
    std::optional<jetstream_kept_event> kept;

    stream_version version_of(std::size_t event) const noexcept {
        return version - (events.size() - 1 - event);
    }
};

class jetstream_frame_writer {
public:
    jetstream_frame_writer(jetstream_kind kind, stream_version version, std::string_view stream) {
        bytes_ += '\1'; // of the layout
        bytes_ += static_cast<char>(kind);
        put(version);
        put(stream);
    }

    void put(jetstream_frame_event const& event) {
        bytes_.append(reinterpret_cast<char const*>(event.id.data), event.id.size());
        put(event.name);
        put(event.payload);
    }

    void put(jetstream_kept_event const& kept) {
        put(kept.position);
        put(kept.version);
        put(kept.recorded_at);
        put(kept.event);
    }

    void put(std::uint64_t number) { put_bytes(number, 8); }
    void put_count(std::size_t number) { put_bytes(number, 4); }

    std::string take() { return std::move(bytes_); }

private:
    void put_bytes(std::uint64_t number, int count) {
        for (int byte = 0; byte < count; ++byte)
            bytes_ += static_cast<char>(number >> (8 * byte));
    }

    void put(std::string_view text) {
        put_count(text.size());
        bytes_ += text;
    }

    std::string bytes_;
};

inline std::string
encode_jetstream_events(stream_version version, std::string_view stream, std::span<new_event const> events) {
    jetstream_frame_writer writer{jetstream_kind::events, version, stream};
    writer.put_count(events.size());
    for (auto const& each : events)
        writer.put(jetstream_frame_event{each.id, each.name, each.payload});
    return writer.take();
}

inline std::string encode_jetstream_marker(
    jetstream_kind kind, stream_version version, std::string_view stream,
    std::optional<jetstream_kept_event> const& kept) {
    jetstream_frame_writer writer{kind, version, stream};
    writer.put_count(kept ? 1 : 0);
    if (kept)
        writer.put(*kept);
    return writer.take();
}

/// Reads what the writer wrote; `failed()` when there is less, or more.
class jetstream_frame_reader {
public:
    explicit jetstream_frame_reader(std::string_view bytes) : rest_{bytes} {}

    std::uint64_t number(std::size_t size) {
        auto const bytes = take(size);
        std::uint64_t out = 0;
        for (std::size_t at = bytes.size(); at-- > 0;)
            out = out << 8U | static_cast<unsigned char>(bytes[at]);
        return out;
    }

    std::string_view text() { return take(static_cast<std::size_t>(number(4))); }

    jetstream_frame_event event() {
        jetstream_frame_event made;
        auto const id = take(made.id.size());
        if (!id.empty())
            std::memcpy(made.id.data, id.data(), id.size());
        made.name = text();
        made.payload = text();
        return made;
    }

    bool failed() const noexcept { return failed_; }
    bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view take(std::size_t size) {
        if (failed_ || size > rest_.size()) {
            failed_ = true;
            return {};
        }
        auto const taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool failed_ = false;
};

/// Nothing when the bytes are not what this library writes. Complexity: linear in the number of events.
inline bool decode_jetstream_frame(std::string_view bytes, jetstream_frame& frame) {
    jetstream_frame_reader reader{bytes};
    frame.events.clear();
    frame.kept.reset();
    if (reader.number(1) != 1)
        return false;
    auto const kind = reader.number(1);
    if (kind < 1 || kind > 3)
        return false;
    frame.kind = static_cast<jetstream_kind>(kind);
    frame.version = reader.number(8);
    frame.stream = reader.text();
    auto const count = reader.number(4);
    if (frame.kind == jetstream_kind::events) {
        if (count == 0 || count > frame.version)
            return false;
        for (std::uint64_t each = 0; each < count && !reader.failed(); ++each)
            frame.events.push_back(reader.event());
    } else if (count == 1) {
        auto& kept = frame.kept.emplace();
        kept.position = reader.number(8);
        kept.version = reader.number(8);
        kept.recorded_at = reader.number(8);
        kept.event = reader.event();
    } else if (count != 0) {
        return false;
    }
    return !reader.failed() && reader.at_end();
}

} // namespace converge::detail
