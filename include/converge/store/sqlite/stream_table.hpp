// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/sqlite/counted_rows.hpp>
#include <converge/store/sqlite/statement.hpp>
#include <converge/store/text_map.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string>
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
///
/// Streams that it has seen are kept in memory as long as nobody else changes the database: neither another
/// connection, which SQLite counts (`PRAGMA data_version`), nor somebody on this one, which it counts too
/// (`sqlite3_total_changes64`). So the later events of a stream need no search for it.
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
          last_id_{on, "SELECT ifnull(max(id), 0) FROM stream", "number a stream"},
          data_version_{on, "PRAGMA main.data_version", "look for other writers"} {}

    /// Others may have changed streams since the last one.
    void begin_transaction() {
        greatest_id_ = 0;
        auto const version = data_version();
        if (version != seen_version_ || changes() != seen_changes_ || number_known() > most_known)
            known_.clear();
        seen_version_ = version;
    }
    /// What was done is committed. Without that it is forgotten: a transaction that fails, or that somebody
    /// else has opened and may take back, has made changes that were not noted.
    void note_committed() noexcept { seen_changes_ = changes(); }

    std::int64_t next_id() {
        if (greatest_id_ == 0) {
            sqlite_run const run{last_id_};
            if (run->step())
                greatest_id_ = run->integer(0);
        }
        return greatest_id_ = next_number(last_id_.connection(), greatest_id_, "streams");
    }

    /// Its `id` is 0 when it is not there.
    sqlite_stream_row find(std::int64_t module, std::string_view name) {
        if (auto const* const known = find_known(module, name))
            return *known;
        sqlite_run const run{find_};
        run->bind(1, module);
        run->bind_text(2, name);
        if (!run->step())
            return {};
        sqlite_stream_row const found{
            run->integer(0), stream_version_of(*run, 1, name), run->integer(2), run->integer(3)};
        keep(found, module, name);
        return found;
    }

    void add(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) {
        if (auto const code = insert(stream, module, name); code != SQLITE_DONE)
            add_.fail(code);
        keep(stream, module, name);
    }

    /// False: there is one of that name, which the unique index tells.
    bool try_to_add(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) {
        auto const code = insert(stream, module, name);
        if (code != SQLITE_DONE && code != SQLITE_CONSTRAINT_UNIQUE)
            add_.fail(code);
        if (code == SQLITE_DONE)
            keep(stream, module, name);
        return code == SQLITE_DONE;
    }

    void save(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) {
        sqlite_run const run{save_};
        bind(*run, stream);
        run->step();
        keep(stream, module, name);
    }

    void remove(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) {
        sqlite_run const run{remove_};
        run->bind(1, stream.id);
        run->step();
        if (auto* const known = find_known(module, name))
            *known = {};
    }

private:
    static constexpr std::size_t most_known = 32'768;

    std::int64_t data_version() const {
        sqlite_run const run{data_version_};
        return run->step() ? run->integer(0) : 0;
    }
    std::int64_t changes() const noexcept { return sqlite3_total_changes64(find_.connection().get()); }

    /// One whose id is 0 is known not to be there.
    sqlite_stream_row* find_known(std::int64_t module, std::string_view name) {
        auto& of_module = known_[module];
        auto const found = of_module.find(name);
        return found == of_module.end() ? nullptr : &found->second;
    }
    void keep(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) {
        if (auto* const known = find_known(module, name))
            *known = stream;
        else
            known_[module].emplace(std::string{name}, stream);
    }
    std::size_t number_known() const noexcept {
        std::size_t number = 0;
        for (auto const& [module, streams] : known_)
            number += streams.size();
        return number;
    }

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
    sqlite_statement data_version_;
    std::int64_t greatest_id_ = 0; // 0: not known in this transaction
    boost::unordered_flat_map<std::int64_t, text_map<sqlite_stream_row>> known_;
    std::int64_t seen_version_ = 0; // of the database, when `known_` was right
    std::int64_t seen_changes_ = -1;
};

} // namespace converge::detail
