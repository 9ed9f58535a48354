// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/sqlite/counted_rows.hpp>
#include <converge/store/sqlite/insert.hpp>
#include <converge/store/sqlite/statement.hpp>
#include <converge/store/text_map.hpp>
#include <converge/store/validation.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <sqlite3.h>

#include <algorithm>
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

/// A stream that is to be added. The name is the caller's.
struct sqlite_added_stream {
    static constexpr std::string_view into = "stream(id, version, last, last_public, module, name)";
    static constexpr int columns = 6;
    static constexpr char const* what = "add a stream";

    void bind(sqlite_statement const& to, int first) const {
        to.bind(first, stream.id);
        to.bind(first + 1, stream.version);
        to.bind(first + 2, stream.last);
        to.bind(first + 3, stream.last_public);
        to.bind(first + 4, module);
        to.bind_text(first + 5, name);
    }

    sqlite_stream_row stream;
    std::int64_t module = 0;
    std::string_view name;
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
          added_{on},
          save_{
              on, "UPDATE stream SET version = ?2, last = ?3, last_public = ?4 WHERE id = ?1",
              "save a stream"},
          remove_{on, "DELETE FROM stream WHERE id = ?1", "take back a stream"},
          last_id_{on, "SELECT ifnull(max(id), 0) FROM stream", "number a stream"},
          data_version_{on, "PRAGMA main.data_version", "look for other writers"} {}

    /// Others may have changed streams since the last one. `together`: streams are added together, and that
    /// one is there already is told late, by `sqlite_wrong_guess`.
    void begin_transaction(bool together) {
        together_ = together;
        greatest_id_ = 0;
        auto const version = data_version();
        // Streams that still wait are of a transaction that failed, and are known, but nowhere else.
        if (version != seen_version_ || changes() != seen_changes_ || number_known() > most_known ||
            !added_.waiting().empty())
            known_.clear();
        added_.forget_waiting();
        seen_version_ = version;
    }
    /// Before the end of a transaction.
    void write_waiting() { added_.write_waiting(); }
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

    /// The row as it is kept, valid until another stream is looked for or added. Its `id` is 0 when it is not
    /// there.
    sqlite_stream_row& find(std::int64_t module, std::string_view name) {
        auto& of_module = known_[module];
        if (auto const known = of_module.find(name); known != of_module.end())
            return known->second;
        return of_module.emplace(std::string{name}, read(module, name)).first->second;
    }

    /// `kept` is what `find` has given: there is none.
    void
    add(sqlite_stream_row& kept, sqlite_stream_row const& stream, std::int64_t module,
        std::string_view name) {
        if (!insert({stream, module, name}))
            find_.connection().refuse(
                store_trouble::corrupt,
                "cannot add stream " + shown(name) + ": it is there already, but was not found");
        kept = stream;
    }

    /// False: there is one of that name, which the unique index tells.
    bool try_to_add(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) {
        if (!insert({stream, module, name}))
            return false;
        auto const [kept, is_new] = known_[module].emplace(std::string{name}, stream);
        if (!is_new)
            kept->second = stream;
        return true;
    }

    /// `kept` is what `find` has given.
    void save(sqlite_stream_row& kept, sqlite_stream_row const& stream) {
        if (auto* const waiting = find_waiting(stream.id))
            *waiting = stream;
        else
            update(stream);
        kept = stream;
    }

    void remove(sqlite_stream_row const& stream, std::int64_t module, std::string_view name) {
        sqlite_run const run{remove_};
        run->bind(1, stream.id);
        run->step();
        known_[module].erase(name);
    }

private:
    static constexpr std::size_t most_known = 32'768;

    std::int64_t data_version() const {
        sqlite_run const run{data_version_};
        return run->step() ? run->integer(0) : 0;
    }
    std::int64_t changes() const noexcept { return sqlite3_total_changes64(find_.connection().get()); }

    sqlite_stream_row read(std::int64_t module, std::string_view name) const {
        sqlite_run const run{find_};
        run->bind(1, module);
        run->bind_text(2, name);
        if (!run->step())
            return {};
        return {run->integer(0), stream_version_of(*run, 1, name), run->integer(2), run->integer(3)};
    }
    std::size_t number_known() const noexcept {
        std::size_t number = 0;
        for (auto const& [module, streams] : known_)
            number += streams.size();
        return number;
    }

    bool insert(sqlite_added_stream const& added) {
        if (!together_)
            return added_.write(added);
        added_.write_later(added);
        return true;
    }

    void update(sqlite_stream_row const& stream) const {
        sqlite_run const run{save_};
        run->bind(1, stream.id);
        run->bind(2, stream.version);
        run->bind(3, stream.last);
        run->bind(4, stream.last_public);
        run->step();
    }

    /// One that is still to be added; null if there is none with this id. Their ids grow.
    sqlite_stream_row* find_waiting(std::int64_t id) noexcept {
        auto const waiting = added_.waiting();
        if (waiting.empty() || id < waiting.front().stream.id)
            return nullptr;
        auto const found = std::ranges::lower_bound(
            waiting, id, {}, [](sqlite_added_stream const& each) { return each.stream.id; });
        return found == waiting.end() || found->stream.id != id ? nullptr : &found->stream;
    }

    sqlite_statement find_;
    sqlite_insert<sqlite_added_stream> added_;
    sqlite_statement save_;
    sqlite_statement remove_;
    sqlite_statement last_id_;
    sqlite_statement data_version_;
    bool together_ = false;
    std::int64_t greatest_id_ = 0; // 0: not known in this transaction
    /// By module and name. One whose id is 0 is known not to be there.
    boost::unordered_flat_map<std::int64_t, text_map<sqlite_stream_row>> known_;
    std::int64_t seen_version_ = 0; // of the database, when `known_` was right
    std::int64_t seen_changes_ = -1;
};

} // namespace converge::detail
