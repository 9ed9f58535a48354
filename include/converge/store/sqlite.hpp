// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/memory.hpp>
#include <converge/store/sqlite/connection.hpp>
#include <converge/store/sqlite/runner_lock.hpp>
#include <converge/store/sqlite/schema.hpp>
#include <converge/store/validation.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace converge {

/// How a `sqlite_store` opens its file.
struct sqlite_options {
    /// True: a commit is on the disk when the call returns (`synchronous=FULL`). False: `NORMAL`, many times
    /// faster for small commits; after a power failure the last commits may be gone, but the file is whole. A
    /// crash of the process alone loses nothing in either case.
    bool durable = true;
    /// How long a call waits for another process that writes.
    std::chrono::milliseconds busy_timeout{5000};
    /// True: the file must exist and is never written.
    bool read_only = false;
};

/// A store in one SQLite file, in WAL mode: one writer and many readers, in any number of processes. The
/// embedded default.
///
/// An object is used by one thread at a time; open the file once more for another thread. Calls throw
/// `store_error` that names the file, what was being done, and what SQLite said; a call that throws has
/// written nothing.
class sqlite_store {
public:
    /// Opens the file, or creates it. Throws `store_error`: `not_a_store`, `newer_schema`, `corrupt`,
    /// `read_only`, `unavailable`, `busy`, `full`.
    explicit sqlite_store(std::filesystem::path path, sqlite_options const& options = {})
        : connection_{std::make_unique<detail::sqlite_connection>(std::move(path), options.read_only)} {
        sqlite3_busy_timeout(connection_->get(), static_cast<int>(options.busy_timeout.count()));
        detail::prepare_schema(*connection_, options.read_only);
        if (!options.read_only)
            connection_->execute("PRAGMA journal_mode = WAL", "switch to WAL mode");
        connection_->execute(
            options.durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
            "set the durability");
        statements_ = std::make_unique<statements>(*connection_);
    }

    std::filesystem::path const& path() const noexcept { return connection_->path(); }

    append_result append(append_request const& request) {
        auto const done = commit({{&request, 1}, {}});
        if (!done)
            return done.error();
        return done->front();
    }

    /// One transaction. Complexity: for each event, three b-tree insertions; for each request, one look-up of
    /// an id and one of a stream.
    batch_result commit(batch const& together) {
        require_valid(together);
        detail::sqlite_transaction transaction{*connection_, "write a batch"};
        modules_.clear();
        std::vector<appended> done;
        done.reserve(together.appends.size());
        now_ = std::chrono::duration_cast<std::chrono::microseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count();
        for (auto const& request : together.appends) {
            auto const written = write(request);
            if (!written)
                return wrong_version{done.size(), written.error().actual};
            done.push_back(*written);
        }
        for (auto const& [name, module] : modules_)
            save_head(module);
        for (auto const& each : together.cursors)
            save_cursor(each);
        transaction.commit();
        return done;
    }

    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        detail::sqlite_run const run{statements_->read};
        run->bind_text(1, module);
        run->bind(2, static_cast<std::int64_t>(after));
        run->bind(3, viewer == module ? 1 : 0);
        run->bind(4, bounded(limit));
        // The head is part of the same snapshot as the rows, so nothing can appear below it.
        position through = after;
        position head = after;
        std::size_t seen = 0;
        while (run->step()) {
            head = static_cast<position>(run->integer(8));
            if (run->integer(0) == 0)
                break; // the row that carries the head when there are no events
            through = static_cast<position>(run->integer(0));
            visit(view_of_row(*run.operator->()));
            ++seen;
        }
        return seen < limit ? std::max(after, head) : through;
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        detail::sqlite_run const run{statements_->read_stream};
        run->bind_text(1, module);
        run->bind_text(2, stream);
        run->bind(3, static_cast<std::int64_t>(after));
        run->bind(4, viewer == module ? 1 : 0);
        run->bind(5, bounded(limit));
        while (run->step())
            visit(view_of_row(*run.operator->()));
    }

    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
        detail::sqlite_run const run{statements_->last_of_stream};
        run->bind_text(1, module);
        run->bind_text(2, stream);
        run->bind(3, viewer == module ? 1 : 0);
        if (!run->step())
            return std::nullopt;
        return recorded_event{view_of_row(*run.operator->())};
    }

    position head(std::string_view module) const {
        detail::sqlite_run const run{statements_->head};
        run->bind_text(1, module);
        return run->step() ? static_cast<position>(run->integer(0)) : 0;
    }

    position load_cursor(std::string_view reader, std::string_view module) const {
        detail::sqlite_run const run{statements_->load_cursor};
        run->bind_text(1, reader);
        run->bind_text(2, module);
        return run->step() ? static_cast<position>(run->integer(0)) : 0;
    }

    void save_cursors(std::span<cursor const> cursors) { (void)commit({{}, cursors}); }

    /// Throws `store_error` (`in_use`) when another runner of the process manager works on this file, in this
    /// process or another.
    detail::runner_lock lock_runner(std::string_view process) const { return {connection_->path(), process}; }

private:
    struct statements {
        explicit statements(detail::sqlite_connection const& on)
            : read{on, read_sql, "read a module"}, read_stream{on, read_stream_sql, "read a stream"},
              last_of_stream{on, last_of_stream_sql, "read the end of a stream"},
              head{on, "SELECT head FROM module WHERE name = ?1", "read the head of a module"},
              find_module{on, "SELECT id, head FROM module WHERE name = ?1", "look up a module"},
              add_module{on, "INSERT INTO module(name, head) VALUES(?1, 0)", "add a module"},
              save_head{on, "UPDATE module SET head = ?2 WHERE id = ?1", "save the head of a module"},
              find_stream{
                  on, "SELECT id, version FROM stream WHERE module = ?1 AND name = ?2", "look up a stream"},
              add_stream{
                  on, "INSERT INTO stream(module, name, version, last) VALUES(?1, ?2, ?3, ?4)",
                  "add a stream"},
              save_stream{
                  on, "UPDATE stream SET version = ?2, last = ?3 WHERE id = ?1", "save a stream's version"},
              find_id{on, "SELECT position FROM event WHERE id = ?1 AND module = ?2", "look up an event id"},
              version_at{
                  on, "SELECT max(version) FROM event WHERE module = ?1 AND position IN (?2, ?3)",
                  "look up an event"},
              add_event{
                  on,
                  "INSERT INTO event(module, position, stream, version, id, name, internal, recorded_at, "
                  "payload) "
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                  "append an event"},
              load_cursor{
                  on, "SELECT position FROM cursor WHERE reader = ?1 AND module = ?2", "load a cursor"},
              save_cursor{
                  on,
                  "INSERT INTO cursor(reader, module, position) VALUES(?1, ?2, ?3) "
                  "ON CONFLICT DO UPDATE SET position = excluded.position",
                  "save a cursor"} {}

        static constexpr std::string_view columns =
            "event.position, stream.name, event.version, event.id, event.name, event.internal, "
            "event.payload, event.recorded_at";
        static inline std::string const read_sql = // NOLINT(bugprone-throwing-static-initialization)
            "SELECT ifnull(event.position, 0), stream.name, event.version, event.id, event.name, "
            "event.internal, event.payload, "
            "event.recorded_at, module.head FROM module LEFT JOIN event ON event.module = module.id AND "
            "event.position > ?2 "
            "AND (event.internal = 0 OR ?3) LEFT JOIN stream ON stream.id = event.stream "
            "WHERE module.name = ?1 ORDER BY event.position LIMIT ?4";
        static inline std::string const read_stream_sql = // NOLINT(bugprone-throwing-static-initialization)
            "SELECT " + std::string{columns} +
            " FROM stream JOIN event ON event.stream = stream.id WHERE stream.module = (SELECT id FROM "
            "module WHERE name = ?1) "
            "AND stream.name = ?2 AND event.version > ?3 AND (event.internal = 0 OR ?4) ORDER BY "
            "event.version LIMIT ?5";
        static inline std::string const
            last_of_stream_sql = // NOLINT(bugprone-throwing-static-initialization)
            "SELECT " + std::string{columns} +
            " FROM stream JOIN event ON event.stream = stream.id WHERE stream.module = (SELECT id FROM "
            "module WHERE name = ?1) "
            "AND stream.name = ?2 AND (event.internal = 0 OR ?3) ORDER BY event.version DESC LIMIT 1";

        detail::sqlite_statement read, read_stream, last_of_stream, head, find_module, add_module, save_head,
            find_stream, add_stream, save_stream, find_id, version_at, add_event, load_cursor, save_cursor;
    };

    struct open_module {
        std::int64_t id = 0;
        std::int64_t head = 0;
    };

    static std::int64_t bounded(std::size_t limit) {
        return limit > std::size_t{INT64_MAX} ? INT64_MAX : static_cast<std::int64_t>(limit);
    }

    event_view view_of_row(detail::sqlite_statement const& row) const {
        event_view view{};
        view.position = static_cast<position>(row.integer(0));
        view.stream = row.text(1);
        view.version = static_cast<stream_version>(row.integer(2));
        auto const id = row.text(3);
        if (id.size() != view.id.size())
            throw store_error{
                store_trouble::corrupt, path().string() + ": the event at position " +
                                            std::to_string(view.position) + " has an id of " +
                                            std::to_string(id.size()) + " bytes"};
        std::memcpy(view.id.data, id.data(), id.size());
        view.name = row.text(4);
        view.internal = row.integer(5) != 0;
        view.payload = row.text(6);
        view.recorded_at = timestamp{std::chrono::microseconds{row.integer(7)}};
        return view;
    }

    open_module& module_for_writing(std::string_view name) {
        if (auto const found = modules_.find(name); found != modules_.end())
            return found->second;
        open_module opened;
        {
            detail::sqlite_run const run{statements_->find_module};
            run->bind_text(1, name);
            if (run->step())
                opened = {run->integer(0), run->integer(1)};
        }
        if (opened.id == 0) {
            detail::sqlite_run const run{statements_->add_module};
            run->bind_text(1, name);
            run->step();
            opened.id = sqlite3_last_insert_rowid(connection_->get());
        }
        return modules_.emplace(std::string{name}, opened).first->second;
    }

    void save_head(open_module const& module) const {
        detail::sqlite_run const run{statements_->save_head};
        run->bind(1, module.id);
        run->bind(2, module.head);
        run->step();
    }

    void save_cursor(cursor const& each) const {
        detail::sqlite_run const run{statements_->save_cursor};
        run->bind_text(1, each.reader);
        run->bind_text(2, each.module);
        run->bind(3, static_cast<std::int64_t>(each.position));
        run->step();
    }

    /// The position of an event id in a module, 0 if it is not there.
    std::int64_t position_of(event_id const& id, std::int64_t module) const {
        detail::sqlite_run const run{statements_->find_id};
        run->bind_bytes(1, id.data, id.size());
        run->bind(2, module);
        return run->step() ? run->integer(0) : 0;
    }

    appended repeated(append_request const& request, std::int64_t module, std::int64_t first) const {
        auto const last = position_of(request.events.back().id, module);
        detail::sqlite_run const run{statements_->version_at};
        run->bind(1, module);
        run->bind(2, first);
        run->bind(3, last);
        run->step();
        return {
            static_cast<position>(first), static_cast<position>(last == 0 ? first : last),
            static_cast<stream_version>(run->integer(0)), true};
    }

    append_result write(append_request const& request) {
        auto& module = module_for_writing(request.module);
        if (auto const first = position_of(request.events.front().id, module.id); first != 0)
            return repeated(request, module.id, first);
        std::int64_t stream = 0;
        std::int64_t version = 0;
        {
            detail::sqlite_run const run{statements_->find_stream};
            run->bind(1, module.id);
            run->bind_text(2, request.stream);
            if (run->step()) {
                stream = run->integer(0);
                version = run->integer(1);
            }
        }
        if (!request.expected.admits(static_cast<stream_version>(version)))
            return wrong_version{0, static_cast<stream_version>(version)};
        auto const added = static_cast<std::int64_t>(request.events.size());
        stream = save_stream(stream, module, request.stream, version + added, module.head + added);
        auto const first = module.head + 1;
        for (auto const& event : request.events)
            add_event(event, module.id, ++module.head, stream, ++version);
        return appended{
            static_cast<position>(first), static_cast<position>(module.head),
            static_cast<stream_version>(version), false};
    }

    std::int64_t save_stream(
        std::int64_t stream, open_module const& module, std::string_view name, std::int64_t version,
        std::int64_t last) const {
        if (stream != 0) {
            detail::sqlite_run const run{statements_->save_stream};
            run->bind(1, stream);
            run->bind(2, version);
            run->bind(3, last);
            run->step();
            return stream;
        }
        detail::sqlite_run const run{statements_->add_stream};
        run->bind(1, module.id);
        run->bind_text(2, name);
        run->bind(3, version);
        run->bind(4, last);
        run->step();
        return sqlite3_last_insert_rowid(connection_->get());
    }

    void add_event(
        new_event const& event, std::int64_t module, std::int64_t at, std::int64_t stream,
        std::int64_t version) const {
        detail::sqlite_run const run{statements_->add_event};
        run->bind(1, module);
        run->bind(2, at);
        run->bind(3, stream);
        run->bind(4, version);
        run->bind_bytes(5, event.id.data, event.id.size());
        run->bind_text(6, event.name);
        run->bind(7, event.internal ? 1 : 0);
        run->bind(8, now_);
        run->bind_bytes(9, event.payload.data(), event.payload.size());
        try {
            run->step();
        } catch (store_error const&) {
            if ((sqlite3_extended_errcode(connection_->get()) & 0xFF) != SQLITE_CONSTRAINT)
                throw;
            throw store_error{
                store_trouble::invalid_argument,
                path().string() + ": event id " + to_string(event.id) +
                    " is in the module already, but the first id of the request is not"};
        }
    }

    std::unique_ptr<detail::sqlite_connection> connection_; // its address is known to the statements
    std::unique_ptr<statements> statements_;
    detail::text_map<open_module> modules_; // of the transaction under way
    std::int64_t now_ = 0;
};

} // namespace converge
