// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/sqlite/counted_rows.hpp>
#include <converge/store/sqlite/statement.hpp>

#include <cstdint>
#include <string_view>

namespace converge::detail {

struct sqlite_stream_row {
    std::int64_t id = 0; // 0: not there yet
    std::int64_t version = 0;
    std::int64_t last = 0;
    std::int64_t last_public = 0;

    /// Its next event is the one after `last`.
    void note(new_event const& event) noexcept {
        ++last;
        ++version;
        if (!event.internal)
            last_public = last;
    }
};

/// The streams of a SQLite store, as its writer changes them within a transaction.
class sqlite_stream_table {
public:
    explicit sqlite_stream_table(sqlite_connection const& on)
        : find_{on, "SELECT id, version, last, last_public FROM stream WHERE module = ?1 AND name = ?2", "find a stream"},
          add_{
              on,
              "INSERT INTO stream(id, version, last, last_public, module, name) VALUES(?1, ?2, ?3, ?4, ?5, "
              "?6)",
              "add a stream"},
          save_{
              on, "UPDATE stream SET version = ?2, last = ?3, last_public = ?4 WHERE id = ?1",
              "save a stream"},
          remove_{on, "DELETE FROM stream WHERE id = ?1", "take back a stream"},
          last_id_{on, "SELECT ifnull(max(id), 0) FROM stream", "number a stream"} {}

    /// Others may have added streams since the last one.
    void begin_transaction() noexcept { greatest_id_ = 0; }

    std::int64_t next_id() {
        if (greatest_id_ == 0) {
            sqlite_run const run{last_id_};
            if (run->step())
                greatest_id_ = run->integer(0);
        }
        return greatest_id_ = next_number(last_id_.connection(), greatest_id_, "streams");
    }

    /// Its `id` is 0 when it is not there.
    sqlite_stream_row find(std::int64_t module, std::string_view name) const {
        sqlite_run const run{find_};
        run->bind(1, module);
        run->bind_text(2, name);
        if (!run->step())
            return {};
        return {run->integer(0), stream_version_of(*run, 1, name), run->integer(2), run->integer(3)};
    }

    void add(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) const {
        if (auto const code = insert(stream, module, name); code != SQLITE_DONE)
            add_.fail(code);
    }

    /// False: there is one of that name, which the unique index tells.
    bool try_to_add(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) const {
        auto const code = insert(stream, module, name);
        if (code != SQLITE_DONE && code != SQLITE_CONSTRAINT_UNIQUE)
            add_.fail(code);
        return code == SQLITE_DONE;
    }

    void save(sqlite_stream_row const& stream) const {
        sqlite_run const run{save_};
        bind(*run, stream);
        run->step();
    }

    void remove(sqlite_stream_row const& stream) const {
        sqlite_run const run{remove_};
        run->bind(1, stream.id);
        run->step();
    }

private:
    int insert(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) const {
        sqlite_run const run{add_};
        bind(*run, stream);
        run->bind(5, module);
        run->bind_text(6, name);
        return run->try_step();
    }

    static void bind(sqlite_statement const& to, sqlite_stream_row const& stream) {
        to.bind(1, stream.id);
        to.bind(2, stream.version);
        to.bind(3, stream.last);
        to.bind(4, stream.last_public);
    }

    sqlite_statement find_;
    sqlite_statement add_;
    sqlite_statement save_;
    sqlite_statement remove_;
    sqlite_statement last_id_;
    std::int64_t greatest_id_ = 0; // 0: not known in this transaction
};

} // namespace converge::detail
