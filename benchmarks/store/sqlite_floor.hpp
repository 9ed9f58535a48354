// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/sqlite/options.hpp>
#include <converge/store/sqlite/schema.hpp>

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <store/workload.hpp>
#include <string>
#include <string_view>

/// The floor on SQLite, written against its C API: the same rows in the same tables with the same indexes,
/// the same settings of the file, statements that are prepared once. It is the only writer and counts by
/// itself, so it looks up neither stream, version nor head, and when an id were there already it would fail.
class sqlite_floor {
public:
    sqlite_floor(std::filesystem::path const& path, converge::sqlite_synchronous synchronous) {
        sqlite3* made = nullptr;
        check(sqlite3_open(path.c_str(), &made));
        connection_.reset(made);
        execute("PRAGMA journal_mode = WAL");
        execute(converge::detail::sqlite_version_1);
        execute("INSERT INTO module(id, name, head) VALUES(1, 'payments', 0)");
        execute(
            synchronous == converge::sqlite_synchronous::full ? "PRAGMA synchronous = FULL"
                                                              : "PRAGMA synchronous = NORMAL");
        execute("PRAGMA wal_autocheckpoint = 8192; PRAGMA cell_size_check = ON; PRAGMA cache_size = -65537");
        prepare(begin, "BEGIN IMMEDIATE");
        prepare(
            event,
            "INSERT INTO event(key, module, stream, version, internal, recorded_at, id, name, payload) "
            "VALUES(?1, 1, ?2, 1, 0, 0, ?3, ?4, ?5)");
        prepare(
            stream, "INSERT INTO stream(id, module, name, version, last, last_public) "
                    "VALUES(?1, 1, ?2, 1, ?1, ?1)");
        prepare(head, "UPDATE module SET head = ?1 WHERE id = 1");
        prepare(commit, "COMMIT");
        prepare(
            page, "SELECT event.key, event.version, event.internal, event.recorded_at, event.id, event.name, "
                  "event.payload, stream.name FROM event JOIN stream ON stream.id = event.stream "
                  "WHERE event.key > ?1 ORDER BY event.key LIMIT ?2");
        prepare(
            last, "SELECT event.key, event.version, event.internal, event.recorded_at, event.id, event.name, "
                  "event.payload FROM stream JOIN event ON event.key = 1 << 40 | stream.last "
                  "WHERE stream.module = 1 AND stream.name = ?1");
    }

    void append(rows const& batch) {
        run(begin);
        for (std::size_t at = 0; at < batch.size(); ++at) {
            auto const& each = batch.events()[at];
            ++position_;
            bind(event, 1, std::int64_t{1} << converge::detail::sqlite_position_bits | position_);
            bind(event, 2, position_);
            sqlite3_bind_blob(of(event), 3, each.id.data, 16, SQLITE_STATIC);
            bind(event, 4, each.name);
            sqlite3_bind_blob64(of(event), 5, each.payload.data(), each.payload.size(), SQLITE_STATIC);
            run(event);
            bind(stream, 1, position_);
            bind(stream, 2, batch.streams()[at]);
            run(stream);
        }
        bind(head, 1, position_);
        run(head);
        run(commit);
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
    struct close_connection {
        void operator()(sqlite3* each) const noexcept { sqlite3_close_v2(each); }
    };
    struct finalize {
        void operator()(sqlite3_stmt* each) const noexcept { sqlite3_finalize(each); }
    };

    void check(int code) const {
        if (code != SQLITE_OK && code != SQLITE_DONE)
            throw std::runtime_error{std::string{"the floor: "} + sqlite3_errstr(code)};
    }
    void execute(char const* sql) const {
        check(sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr));
    }
    void prepare(statement which, char const* sql) {
        sqlite3_stmt* made = nullptr;
        check(sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr));
        statements_[which].reset(made);
    }
    sqlite3_stmt* of(statement which) const noexcept { return statements_[which].get(); }
    void bind(statement which, int at, std::int64_t value) const { sqlite3_bind_int64(of(which), at, value); }
    void bind(statement which, int at, std::string_view value) const {
        sqlite3_bind_text64(of(which), at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    void run(statement which) const {
        check(sqlite3_step(of(which)));
        sqlite3_reset(of(which));
    }
    /// What an event has besides its payload, as a reader wants it.
    void take_columns(statement which, int payload) const {
        for (int column = 0; column < 4; ++column)
            benchmark::DoNotOptimize(sqlite3_column_int64(of(which), column));
        for (int column = 4; column < payload; ++column)
            benchmark::DoNotOptimize(bytes(which, column));
    }
    std::string_view bytes(statement which, int column) const {
        auto const* const first = static_cast<char const*>(sqlite3_column_blob(of(which), column));
        return {first, static_cast<std::size_t>(sqlite3_column_bytes(of(which), column))};
    }

    std::unique_ptr<sqlite3, close_connection> connection_;
    std::array<std::unique_ptr<sqlite3_stmt, finalize>, 7> statements_;
    std::int64_t position_ = 0;
};
