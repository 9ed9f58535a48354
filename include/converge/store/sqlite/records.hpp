// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>
#include <converge/store/record.hpp>
#include <converge/store/sqlite/statement.hpp>
#include <converge/store/validation.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace converge::detail {

/// Reads the records of a SQLite store.
class sqlite_records {
public:
    explicit sqlite_records(sqlite_connection const& on)
        : find_{on, "SELECT name, revision, value FROM record WHERE name = ?1", "find a record"},
          find_all_{
              on, "SELECT name, revision, value FROM record WHERE name >= ?1 ORDER BY name", "find records"} {
    }

    std::optional<record> find(std::string_view name) const {
        sqlite_run const run{find_};
        run->bind_text(1, name);
        if (!run->step())
            return std::nullopt;
        return record_of(*run);
    }

    /// In one snapshot.
    std::vector<record> find_all(std::string_view prefix) const {
        sqlite_run const run{find_all_};
        run->bind_text(1, prefix);
        std::vector<record> found;
        while (run->step() && run->bytes(0).starts_with(prefix))
            found.push_back(record_of(*run));
        return found;
    }

private:
    static record record_of(sqlite_statement const& row) {
        return {
            std::string{row.bytes(0)}, static_cast<record_revision>(row.integer(1)),
            std::string{row.bytes(2)}};
    }

    sqlite_statement find_;
    sqlite_statement find_all_;
};

/// Compares the revisions of records, in whatever transaction is open.
class sqlite_record_revisions {
public:
    explicit sqlite_record_revisions(sqlite_connection const& on)
        : find_{on, "SELECT revision FROM record WHERE name = ?1", "find a record"} {}

    /// 0 when there is none.
    record_revision of(std::string_view name) const {
        sqlite_run const run{find_};
        run->bind_text(1, name);
        return run->step() ? static_cast<record_revision>(run->integer(0)) : 0;
    }

    /// Throws `store_error` (`lease_lost`) unless all of them hold.
    void require(std::span<fence const> fences) const {
        for (auto const& each : fences)
            if (auto const actual = of(each.record); actual != each.revision)
                find_.connection().refuse(store_trouble::lease_lost, lost_lease(each, actual));
    }

private:
    sqlite_statement find_;
};

/// Writes the records of a SQLite store, each in a transaction of its own. What it is given has been
/// validated.
class sqlite_record_writer {
public:
    explicit sqlite_record_writer(sqlite_connection const& on)
        : transaction_{on}, revisions_{on},
          next_{on, "UPDATE record_revision SET last = last + 1 RETURNING last", "number a record"},
          save_{
              on,
              "INSERT INTO record(name, revision, value) VALUES(?1, ?2, ?3) "
              "ON CONFLICT(name) DO UPDATE SET revision = excluded.revision, value = excluded.value",
              "save a record"},
          remove_{on, "DELETE FROM record WHERE name = ?1", "remove a record"} {}

    std::optional<record_revision>
    write(std::string_view name, record_revision expected, std::string_view value) const {
        sqlite_transaction transaction{transaction_};
        if (revisions_.of(name) != expected)
            return std::nullopt;
        auto const revision = next();
        {
            sqlite_run const run{save_};
            run->bind_text(1, name);
            run->bind(2, revision);
            run->bind_bytes(3, value.data(), value.size());
            run->step();
        }
        transaction.commit();
        return static_cast<record_revision>(revision);
    }

    bool remove(std::string_view name, record_revision expected) const {
        sqlite_transaction transaction{transaction_};
        if (expected == 0 || revisions_.of(name) != expected)
            return false;
        {
            sqlite_run const run{remove_};
            run->bind_text(1, name);
            run->step();
        }
        transaction.commit();
        return true;
    }

private:
    std::int64_t next() const {
        sqlite_run const run{next_};
        if (!run->step())
            run->connection().refuse(
                store_trouble::corrupt, "cannot number a record: the last revision is missing");
        return run->integer(0);
    }

    sqlite_transaction_statements transaction_;
    sqlite_record_revisions revisions_;
    sqlite_statement next_;
    sqlite_statement save_;
    sqlite_statement remove_;
};

} // namespace converge::detail
