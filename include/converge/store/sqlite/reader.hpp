// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/sqlite/counted_rows.hpp>
#include <converge/store/sqlite/schema.hpp>
#include <converge/store/sqlite/statement.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace converge::detail {

/// The reading half of a SQLite store. What a viewer may not see is left out by SQLite.
class sqlite_reader {
public:
    explicit sqlite_reader(sqlite_connection const& on)
        : head_{on, "SELECT id, head FROM module WHERE name = ?1", "read the head of a module"},
          // LEFT JOIN: an event without its stream must be an error and not be skipped.
          read_{
              on,
              "SELECT event.key, event.version, event.internal, event.recorded_at, event.id, event.name, "
              "event.payload, stream.name FROM event LEFT JOIN stream ON stream.id = event.stream "
              "WHERE event.key > ?1 AND event.key <= ?2 AND (event.internal = 0 OR ?3) "
              "ORDER BY event.key LIMIT ?4",
              "read a module"},
          read_stream_{
              on,
              "SELECT key, version, internal, recorded_at, id, name, payload FROM event "
              "WHERE stream = (SELECT id FROM stream WHERE name = ?2 "
              "AND module = (SELECT id FROM module WHERE name = ?1)) "
              "AND version > ?3 AND (internal = 0 OR ?4) ORDER BY version LIMIT ?5",
              "read a stream"},
          last_of_stream_{
              on,
              "SELECT event.key, event.version, event.internal, event.recorded_at, event.id, event.name, "
              "event.payload, iif(?3, stream.last, stream.last_public) AS found FROM stream "
              "LEFT JOIN event ON event.key = stream.module << 40 | iif(?3, stream.last, stream.last_public) "
              "WHERE stream.module = ?1 AND stream.name = ?2",
              "read the last event of a stream"},
          load_cursor_{on, "SELECT position FROM cursor WHERE reader = ?1 AND module = ?2", "load a cursor"},
          transaction_{on, "BEGIN", "start reading"} {}

    /// Two statements, and so two snapshots. The head comes from the older one; all events up to it are in
    /// both, so nothing can appear at or below what is returned.
    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, bool see_internal, Visitor& visit) const {
        auto const [head, id] = find_head(module);
        if (limit == 0 || after >= head)
            return after;
        auto const base = id << sqlite_position_bits;
        sqlite_run const run{read_};
        run->bind(1, base | static_cast<std::int64_t>(after));
        run->bind(2, base | static_cast<std::int64_t>(head));
        run->bind(3, see_internal ? 1 : 0);
        run->bind(4, bounded(limit));
        std::size_t seen = 0;
        for (; run->step(); ++seen) {
            after = position_in(*run);
            if (run->is_null(7))
                contradict(after, "belongs to no stream");
            visit(view_of(*run, run->bytes(7)));
        }
        return seen == limit ? after : head;
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        bool see_internal, Visitor& visit) const {
        if (after > greatest)
            return;
        sqlite_run const run{read_stream_};
        run->bind_text(1, module);
        run->bind_text(2, stream);
        run->bind(3, static_cast<std::int64_t>(after));
        run->bind(4, see_internal ? 1 : 0);
        run->bind(5, bounded(limit));
        while (run->step())
            visit(view_of(*run, stream));
    }

    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, bool see_internal) const {
        return last_of_stream(find_head(module).id, stream, see_internal);
    }

    /// In one transaction, which costs one lock; where one is open on the connection already, in that.
    std::vector<std::optional<recorded_event>> last_of_streams(
        std::string_view module, std::span<std::string_view const> streams, bool see_internal) const {
        std::vector<std::optional<recorded_event>> found;
        found.reserve(streams.size());
        std::optional<sqlite_transaction> own;
        if (sqlite3_get_autocommit(transaction_.begin.connection().get()) != 0)
            own.emplace(transaction_);
        auto const id = find_head(module).id;
        for (auto const& each : streams)
            found.push_back(last_of_stream(id, each, see_internal));
        return found;
    }

    position head(std::string_view module) const { return find_head(module).head; }

    position load_cursor(std::string_view reader, std::string_view module) const {
        sqlite_run const run{load_cursor_};
        run->bind_text(1, reader);
        run->bind_text(2, module);
        return run->step() ? static_cast<position>(run->integer(0)) : 0;
    }

private:
    struct found_head {
        position head = 0;
        std::int64_t id = 0;
    };

    static constexpr auto greatest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

    static std::int64_t bounded(std::size_t limit) noexcept {
        return static_cast<std::int64_t>(limit > greatest ? greatest : limit);
    }

    /// No module has id 0.
    std::optional<recorded_event>
    last_of_stream(std::int64_t module, std::string_view stream, bool see_internal) const {
        sqlite_run const run{last_of_stream_};
        run->bind(1, module);
        run->bind_text(2, stream);
        run->bind(3, see_internal ? 1 : 0);
        if (!run->step() || run->integer(7) == 0)
            return std::nullopt;
        if (run->is_null(0))
            contradict(static_cast<position>(run->integer(7)), "is the last of its stream, but is missing");
        return recorded_event{view_of(*run, stream)};
    }

    found_head find_head(std::string_view module) const {
        sqlite_run const run{head_};
        run->bind_text(1, module);
        if (!run->step())
            return {};
        auto const found = module_row_of(*run, module);
        return {static_cast<position>(found.head), found.id};
    }

    static position position_in(sqlite_statement const& row) noexcept {
        return static_cast<position>(row.integer(0) & sqlite_position_mask);
    }

    event_view view_of(sqlite_statement const& row, std::string_view stream) const {
        event_view view{};
        view.position = position_in(row);
        view.stream = stream;
        view.version = static_cast<stream_version>(row.integer(1));
        view.internal = row.integer(2) != 0;
        view.recorded_at = timestamp{std::chrono::microseconds{row.integer(3)}};
        auto const id = row.bytes(4);
        if (id.size() != view.id.size())
            contradict(view.position, "has an id of " + std::to_string(id.size()) + " bytes");
        std::memcpy(view.id.data, id.data(), id.size());
        view.name = row.bytes(5);
        view.payload = row.bytes(6);
        return view;
    }

    [[noreturn]] void contradict(position at, std::string const& why) const {
        read_.connection().refuse(
            store_trouble::corrupt, "the event at position " + std::to_string(at) + " " + why);
    }

    sqlite_statement head_;
    sqlite_statement read_;
    sqlite_statement read_stream_;
    sqlite_statement last_of_stream_;
    sqlite_statement load_cursor_;
    sqlite_transaction_statements transaction_;
};

} // namespace converge::detail
