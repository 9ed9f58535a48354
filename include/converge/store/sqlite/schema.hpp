// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/sqlite/connection.hpp>

#include <cstdint>
#include <string>

namespace converge::detail {

inline constexpr std::int64_t sqlite_application_id = 0x436F6E76; // "Conv"
inline constexpr std::int64_t sqlite_schema_version = 1;

// - `module.head` is the last position given out, so that positions are never used twice. It is read and
// written once a transaction.
// - `stream.version` is the number of events; `stream.last` the position of the last one, so that the last
// event of a stream is two look-ups.
// - `event` is clustered by (module, position), which appends keep in order.
// - `event_by_id` is what makes a repeated append a no-op; `event_by_stream` what a stream is read by.
inline constexpr char const* sqlite_schema = R"(
CREATE TABLE module(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, head INTEGER NOT NULL) STRICT;
CREATE TABLE stream(
    id INTEGER PRIMARY KEY, module INTEGER NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, last INTEGER NOT NULL,
    UNIQUE(module, name)) STRICT;
CREATE TABLE event(
    module INTEGER NOT NULL, position INTEGER NOT NULL, stream INTEGER NOT NULL, version INTEGER NOT NULL, id BLOB NOT NULL,
    name TEXT NOT NULL, internal INTEGER NOT NULL, recorded_at INTEGER NOT NULL, payload BLOB NOT NULL,
    PRIMARY KEY(module, position)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX event_by_id ON event(id, module);
CREATE UNIQUE INDEX event_by_stream ON event(stream, version);
CREATE TABLE cursor(
    reader TEXT NOT NULL, module TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY(reader, module)) STRICT, WITHOUT ROWID;
)";

/// Refuses a file that is not ours, or from a newer version; makes the schema in an empty one.
inline void prepare_schema(sqlite_connection const& connection, bool read_only) {
    constexpr auto const* what = "read the schema";
    auto const refuse = [&](store_trouble trouble, std::string const& why) {
        throw store_error{trouble, connection.path().string() + ": " + why};
    };
    auto const check = [&] {
        auto const application = connection.number("PRAGMA application_id", what);
        auto const version = connection.number("PRAGMA user_version", what);
        auto const tables = connection.number("SELECT count(*) FROM sqlite_schema", what);
        if (application == 0 && version == 0 && tables == 0)
            return false;
        if (application != sqlite_application_id)
            refuse(
                store_trouble::not_a_store,
                "is a SQLite database, but not one of converge; it was left as it is");
        if (version > sqlite_schema_version)
            refuse(
                store_trouble::newer_schema, "has schema version " + std::to_string(version) +
                                                 ", this program knows versions up to " +
                                                 std::to_string(sqlite_schema_version));
        return true;
    };
    if (check())
        return;
    if (read_only)
        refuse(store_trouble::not_a_store, "is empty");
    sqlite_transaction transaction{connection, "create the schema"};
    if (check())
        return; // another process was faster
    connection.execute(sqlite_schema, "create the schema");
    connection.execute(
        ("PRAGMA application_id = " + std::to_string(sqlite_application_id) +
         "; PRAGMA user_version = " + std::to_string(sqlite_schema_version))
            .c_str(),
        "create the schema");
    transaction.commit();
}

} // namespace converge::detail
