// SPDX-License-Identifier: MIT
#include <converge/store/sqlite.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <run/order.hpp>
#include <string>
#include <temporary_directory.hpp>
#include <vector>

// Rows of a database that somebody has changed by hand: the runner goes on or says what is wrong, and never
// does what is undefined (the sanitizers look on), never writes without end, and never takes away what it
// cannot read.
namespace {

using converge::sqlite_store;

std::vector<std::string> const integers{
    "-1",         "0",         "1", "2", "9223372036854775807", "(-9223372036854775807 - 1)", "1099511627775",
    "COLUMN + 1", "COLUMN - 1"};
std::vector<std::string> const texts{
    "''",
    "'x'",
    "COLUMN || COLUMN",
    "substr(COLUMN, 2)",
    "CAST(x'fffe00' AS TEXT)",
    "replace(hex(zeroblob(5000)), '0', 'k')"};
std::vector<std::string> const bytes{
    "x''",
    "x'00'",
    "zeroblob(16)",
    "substr(COLUMN, 2)",
    "randomblob(40)",
    "CAST('{}' AS BLOB)",
    "CAST('[[[[[[[[' AS BLOB)",
    "CAST(replace(CAST(COLUMN AS TEXT), 'placed', 'elsewhere') AS BLOB)",
    "CAST(replace(CAST(COLUMN AS TEXT), '\"commands\":[', '\"commands\":[7,') AS BLOB)",
    "CAST(replace(CAST(COLUMN AS TEXT), '\"effect\":1', '\"effect\":4000000000') AS BLOB)",
    "CAST(replace(CAST(COLUMN AS TEXT), '\"due\":', '\"due\":9') AS BLOB)",
    "CAST(replace(CAST(COLUMN AS TEXT), '\"payload\":{', '\"payload\":{\"cents\":1e999,') AS BLOB)",
    "CAST(replace(CAST(COLUMN AS TEXT), ':', ': -') AS BLOB)",
    "CAST(replace(hex(zeroblob(20000)), '0', '[') AS BLOB)"};

struct column {
    std::string table;
    std::string name;
    std::vector<std::string> const& values;
};
std::vector<column> const columns{
    {"module", "name", texts},
    {"module", "head", integers},
    {"stream", "module", integers},
    {"stream", "name", texts},
    {"stream", "version", integers},
    {"stream", "last", integers},
    {"stream", "last_public", integers},
    {"event", "module", integers},
    {"event", "stream", integers},
    {"event", "version", integers},
    {"event", "internal", integers},
    {"event", "recorded_at", integers},
    {"event", "id", bytes},
    {"event", "name", texts},
    {"event", "payload", bytes},
    {"cursor", "reader", texts},
    {"cursor", "module", texts},
    {"cursor", "position", integers}};

/// A store with orders in different states, some events not handled yet.
void prepare(std::filesystem::path const& file) {
    sqlite_store store{file, {.synchronous = converge::sqlite_synchronous::normal}};
    for (auto const* order : {"1", "2", "3"})
        place(store, order);
    pay(store, "1", 150);
    cancel(store, "2");
    pay(store, "2", 20);
    {
        auto runner = converge::make_runner<order_process>(store, bookkeeper{});
        runner.catch_up();
    }
    pay(store, "3", 150);
    cancel(store, "1");
}

void execute(std::filesystem::path const& file, std::string const& sql) {
    converge::detail::sqlite_connection{file, converge::sqlite_options{}}.execute(sql, "change rows by hand");
}

std::size_t count_events(std::filesystem::path const& file) {
    converge::detail::sqlite_connection const connection{file, converge::sqlite_options{}};
    converge::detail::sqlite_statement const statement{connection, "SELECT count(*) FROM event", "count"};
    statement.step();
    return static_cast<std::size_t>(statement.integer(0));
}

enum class ending { went_on, refused };

ending work_on(std::filesystem::path const& file) {
    try {
        sqlite_store store{file, {.synchronous = converge::sqlite_synchronous::normal}};
        std::size_t batches = 0;
        // A year later, so that every deadline is due.
        auto const later = std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now() + std::chrono::hours{24 * 365});
        auto runner = converge::make_runner<order_process>(
            store, bookkeeper{},
            {.command_attempts = 1, .first_retry_after = std::chrono::milliseconds{0}, .now = [&] {
                 return later;
             }});
        while (runner.work())
            REQUIRE(++batches < 1'000);
        (void)runner.parked();
        (void)runner.replay_parked();
        place(store, "4");
        while (runner.work())
            REQUIRE(++batches < 1'000);
        (void)converge::read_instances<order_process>(store);
        return ending::went_on;
    } catch (converge::store_error const& error) {
        CHECK(std::string_view{error.what()}.size() > 10);
    } catch (converge::process_changed const& error) {
        CHECK(std::string_view{error.what()}.size() > 10);
    }
    return ending::refused;
}

} // namespace

TEST_CASE("a database whose rows were changed by hand is worked on or refused") {
    temporary_directory const directory;
    auto const original = directory / "original.db";
    prepare(original);
    execute(original, "PRAGMA wal_checkpoint(TRUNCATE)");
    std::size_t refused = 0;
    std::size_t went_on = 0;
    for (auto const& [table, name, values] : columns)
        for (auto const& value : values)
            for (auto const* which : {"", " LIMIT 1", " LIMIT 1 OFFSET 2", " LIMIT 1 OFFSET 5"}) {
                auto sql = value;
                for (auto at = sql.find("COLUMN"); at != std::string::npos; at = sql.find("COLUMN"))
                    sql.replace(at, 6, name);
                auto const* key = table == "cursor" ? "reader" : "rowid";
                sql = "UPDATE OR IGNORE " + table + " SET " + name + " = " + sql;
                if (*which != '\0')
                    sql +=
                        std::string{" WHERE "} + key + " = (SELECT " + key + " FROM " + table + which + ")";
                auto const changed = directory / "changed.db";
                std::filesystem::copy_file(
                    original, changed, std::filesystem::copy_options::overwrite_existing);
                execute(changed, sql);
                auto const events = count_events(changed);
                CAPTURE(sql);
                ++(work_on(changed) == ending::refused ? refused : went_on);
                CHECK(count_events(changed) >= events);
                for (auto const* more : {"-wal", "-shm"})
                    std::filesystem::remove(changed.string() + more);
            }
    MESSAGE(refused << " refused, " << went_on << " worked on");
    CHECK(refused > 50);
    CHECK(went_on > 50);
}
