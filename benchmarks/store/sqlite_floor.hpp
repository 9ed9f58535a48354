// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <sqlite_by_hand.hpp>
#include <stdexcept>
#include <store/workload.hpp>
#include <string>

/// The floor on SQLite: the same rows in the same tables with the same indexes. It is the only writer and
/// counts by itself, so it looks up neither stream, version nor head, and when an id were there already it
/// would fail.
class sqlite_floor : sqlite_by_hand {
public:
    sqlite_floor(std::filesystem::path const& path, converge::sqlite_synchronous synchronous)
        : sqlite_by_hand{path, synchronous} {
        execute("INSERT INTO module(id, name, head) VALUES(1, 'payments', 0)");
        prepare(
            {"BEGIN IMMEDIATE",
             "INSERT INTO event(key, module, stream, version, internal, recorded_at, id, name, payload) "
             "VALUES(?1, 1, ?2, ?6, 0, 0, ?3, ?4, ?5)",
             "INSERT INTO stream(id, module, name, version, last, last_public) "
             "VALUES(?1, 1, ?2, ?3, ?4, ?4)",
             "UPDATE module SET head = ?1 WHERE id = 1", "COMMIT",
             "SELECT event.key, event.version, event.internal, event.recorded_at, event.id, event.name, "
             "event.payload, stream.name FROM event JOIN stream ON stream.id = event.stream "
             "WHERE event.key > ?1 ORDER BY event.key LIMIT ?2",
             "SELECT event.key, event.version, event.internal, event.recorded_at, event.id, event.name, "
             "event.payload FROM stream JOIN event ON event.key = 1 << 40 | stream.last "
             "WHERE stream.module = 1 AND stream.name = ?1"});
    }

    void append(rows const& batch) {
        run(begin);
        for (std::size_t at = 0; at < batch.size(); ++at) {
            auto const new_stream = position_ + 1;
            add(batch.events()[at], new_stream, 1);
            add_stream(new_stream, batch.streams()[at], 1);
        }
        end();
    }

    void append_to_one_stream(rows const& batch) {
        run(begin);
        auto const new_stream = position_ + 1;
        std::int64_t version = 0;
        for (auto const& each : batch.events())
            add(each, new_stream, ++version);
        add_stream(new_stream, batch.streams().front(), version);
        end();
    }

    template <class Visit> void read(Visit visit) {
        std::int64_t after = 0;
        for (std::size_t seen = page_of_a_read; seen == page_of_a_read;) {
            seen = 0;
            bind(page, 1, after);
            bind(page, 2, static_cast<std::int64_t>(page_of_a_read));
            for (; sqlite3_step(of(page)) == SQLITE_ROW; ++seen) {
                after = sqlite3_column_int64(of(page), 0);
                take_columns(page, 7);
                visit(bytes(page, 6));
                benchmark::DoNotOptimize(bytes(page, 7));
            }
            sqlite3_reset(of(page));
        }
    }

    std::string last_of_stream(std::string const& name) {
        bind(last, 1, name);
        if (sqlite3_step(of(last)) != SQLITE_ROW)
            throw std::runtime_error{"there is no stream " + name};
        take_columns(last, 6);
        std::string found{bytes(last, 6)};
        sqlite3_reset(of(last));
        return found;
    }

private:
    enum statement : unsigned char { begin, event, stream, head, commit, page, last };

    void add(converge::new_event const& each, std::int64_t of_stream, std::int64_t version) {
        ++position_;
        bind(event, 1, std::int64_t{1} << converge::detail::sqlite_position_bits | position_);
        bind(event, 2, of_stream);
        bind_bytes(event, 3, each.id.data, 16);
        bind(event, 4, each.name);
        bind_bytes(event, 5, each.payload.data(), each.payload.size());
        bind(event, 6, version);
        run(event);
    }
    void add_stream(std::int64_t id, std::string const& name, std::int64_t version) const {
        bind(stream, 1, id);
        bind(stream, 2, name);
        bind(stream, 3, version);
        bind(stream, 4, position_);
        run(stream);
    }
    void end() const {
        bind(head, 1, position_);
        run(head);
        run(commit);
    }

    /// What an event has besides its payload, as a reader wants it.
    void take_columns(statement which, int payload) const {
        for (int column = 0; column < 4; ++column)
            benchmark::DoNotOptimize(sqlite3_column_int64(of(which), column));
        for (int column = 4; column < payload; ++column)
            benchmark::DoNotOptimize(bytes(which, column));
    }

    std::int64_t position_ = 0;
};
