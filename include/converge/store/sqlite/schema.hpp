// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/sqlite/connection.hpp>
#include <converge/store/sqlite/statement.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace converge::detail {

inline constexpr std::int64_t sqlite_application_id = 0x436F6E76; // "Conv"

/// An event's key holds its module and its position, so that a module is one range of the table's own b-tree
/// and a read by position needs no index. 2^40 positions a module, 2^23 modules.
inline constexpr int sqlite_position_bits = 40;
inline constexpr std::int64_t sqlite_position_mask = (std::int64_t{1} << sqlite_position_bits) - 1;
inline constexpr std::int64_t sqlite_greatest_module = (std::int64_t{1} << 23) - 1;

// - `module.head` is the last position given out, so that positions are never used twice. It is read and
//   written once a transaction.
// - `stream.version` is the number of events; `last` and `last_public` are positions, so that the last event
//   a viewer may see is found at once, however many internal ones follow it.
// - `event_by_id` is what makes a repeated append a no-op; `event_by_stream` is what a stream is read by.
// - `log` is for people with a SQLite shell.
inline constexpr char const* sqlite_version_1 = R"(
CREATE TABLE module(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, head INTEGER NOT NULL) STRICT;
CREATE TABLE stream(
    id INTEGER PRIMARY KEY, module INTEGER NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    last INTEGER NOT NULL, last_public INTEGER NOT NULL, UNIQUE(module, name)) STRICT;
CREATE TABLE event(
    key INTEGER PRIMARY KEY, module INTEGER NOT NULL, stream INTEGER NOT NULL, version INTEGER NOT NULL,
    internal INTEGER NOT NULL, recorded_at INTEGER NOT NULL, id BLOB NOT NULL, name TEXT NOT NULL,
    payload BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX event_by_id ON event(id, module);
CREATE UNIQUE INDEX event_by_stream ON event(stream, version);
CREATE TABLE cursor(
    reader TEXT NOT NULL, module TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY(reader, module)) STRICT, WITHOUT ROWID;
CREATE VIEW log AS SELECT
    module.name AS module, event.key & 0xFFFFFFFFFF AS position, stream.name AS stream, event.version,
    event.name, event.internal, event.id, event.payload, event.recorded_at
    FROM event JOIN module ON module.id = event.module JOIN stream ON stream.id = event.stream;
)";

// - `record_revision.last` is the last revision given out, so that none is used twice, also when the record
//   that had it is gone.
inline constexpr char const* sqlite_version_2 = R"(
CREATE TABLE record(
    name TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL UNIQUE, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE record_revision(last INTEGER NOT NULL) STRICT;
INSERT INTO record_revision(last) VALUES(0);
)";

/// What brings a file from one version to the next: number n makes version n + 1 of version n. Once released,
/// one is never changed: another one is added.
inline constexpr std::array<char const*, 2> sqlite_migrations{sqlite_version_1, sqlite_version_2};

/// The version from which on there are records.
inline constexpr std::size_t sqlite_version_of_records = 2;

/// The version of the file's schema; 0: it is empty. Throws `store_error` when it is anything else than a
/// store of ours that this program knows.
inline std::size_t sqlite_schema_version(sqlite_connection const& connection) {
    // One statement, and so one snapshot: another process may be making the schema right now.
    sqlite_statement const statement{
        connection,
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) "
        "FROM pragma_application_id, pragma_user_version",
        "read the schema"};
    statement.step();
    auto const application = statement.integer(0);
    auto const version = statement.integer(1);
    auto const tables = statement.integer(2);
    if (application == 0 && version == 0 && tables == 0)
        return 0;
    if (application != sqlite_application_id)
        connection.refuse(
            store_trouble::not_a_store,
            "is a SQLite database, but not one of converge; it was left as it is");
    if (version > static_cast<std::int64_t>(sqlite_migrations.size()))
        connection.refuse(
            store_trouble::newer_schema, "has schema version " + std::to_string(version) +
                                             ", this program knows versions up to " +
                                             std::to_string(sqlite_migrations.size()));
    if (version < 1 || tables == 0)
        connection.refuse(store_trouble::corrupt, "is marked as a store of converge, but has no schema");
    return static_cast<std::size_t>(version);
}

/// Puts the file into WAL mode, in which readers and the writer do not wait for each other.
inline void use_write_ahead_log(sqlite_connection const& connection) {
    sqlite_statement const statement{
        connection, "PRAGMA journal_mode = WAL", "switch to write-ahead logging"};
    std::string const mode{statement.step() ? statement.bytes(0) : std::string_view{}};
    if (mode != "wal")
        connection.refuse(
            store_trouble::unavailable,
            "cannot switch to write-ahead logging: the file stays in mode '" + mode + "'");
}

/// Refuses a file that is not ours or is newer; makes the schema in an empty one, and brings an older one up,
/// in one transaction. A file that is opened for reading only is left at its version.
inline void prepare_schema(sqlite_connection const& connection, bool read_only) {
    auto const present = sqlite_schema_version(connection);
    if (read_only) {
        if (present == 0)
            connection.refuse(store_trouble::not_a_store, "is empty, and opened for reading only");
        return;
    }
    use_write_ahead_log(connection);
    if (present == sqlite_migrations.size())
        return;
    sqlite_transaction_statements const statements{connection};
    sqlite_transaction transaction{statements};
    auto const found = sqlite_schema_version(connection);
    if (found == sqlite_migrations.size())
        return; // another process was faster
    auto const* const what = found == 0 ? "create the schema" : "bring the schema up";
    for (auto version = found; version < sqlite_migrations.size(); ++version)
        connection.execute(sqlite_migrations[version], what);
    connection.execute(
        "PRAGMA application_id = " + std::to_string(sqlite_application_id) +
            "; PRAGMA user_version = " + std::to_string(sqlite_migrations.size()),
        what);
    transaction.commit();
}

} // namespace converge::detail
