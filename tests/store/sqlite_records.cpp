// SPDX-License-Identifier: MIT
#include <converge/store/sqlite.hpp>
#include <converge/testing/store_conformance_records.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <temporary_directory.hpp>
#include <unistd.h>
#include <vector>

// Records in one file: several processes, processes that are killed, and files from before there were
// records.
namespace {

namespace fs = std::filesystem;
using namespace converge::testing::detail;
using converge::sqlite_options;
using converge::sqlite_store;
using converge::store_trouble;

sqlite_options const patient{.busy_timeout = std::chrono::minutes{1}};

/// The schema as version 1 made it, with what a program of that time wrote.
constexpr auto file_of_version_1 = R"(
PRAGMA journal_mode = WAL;
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
PRAGMA application_id = 1131376246;
PRAGMA user_version = 1;
INSERT INTO module VALUES(1, 'orders', 2);
INSERT INTO stream VALUES(1, 1, 'one', 2, 2, 1);
INSERT INTO event VALUES
    ((1 << 40) | 1, 1, 1, 1, 0, 1700000000000000, x'00000000000000000000000000000001', 'thing_happened', x'6F6E65'),
    ((1 << 40) | 2, 1, 1, 2, 1, 1700000000000001, x'00000000000000000000000000000002', 'thing_kept', x'74776F');
INSERT INTO cursor VALUES('process', 'orders', 1);
)";

void run(fs::path const& path, std::string const& sql) {
    converge::detail::sqlite_connection{path, {}}.execute(sql, "prepare the test");
}

std::size_t version_of(fs::path const& path) {
    return converge::detail::sqlite_schema_version(converge::detail::sqlite_connection{path, {}});
}

/// Starts a function in a process of its own; its result is the exit code.
template <class Work> pid_t start_process(Work work) {
    auto const child = ::fork();
    if (child != 0)
        return child;
    int code = 99;
    try {
        code = work();
    } catch (...) {
        // ignored here: the exit code 99 tells the parent
    }
    ::_exit(code);
}

int exit_code_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void check_events_of_version_1(sqlite_store& store) {
    auto const events = all_of(store, "orders");
    CHECK(ids_of(events) == std::vector{id_of(1), id_of(2)});
    CHECK(events.back().payload == "two");
    CHECK(events.back().internal);
    CHECK(store.load_cursor("process", "orders") == 1);
}

} // namespace

TEST_CASE("a file of version 1 is brought up when it is opened, and keeps what it has") {
    temporary_directory const directory;
    auto const path = directory / "old.db";
    run(path, file_of_version_1);
    REQUIRE(version_of(path) == 1);
    // Who only reads leaves it as it is, and finds no records, until somebody has brought it up.
    sqlite_store reader{path, {.read_only = true}};
    check_events_of_version_1(reader);
    CHECK(!reader.find_record("lease").has_value());
    CHECK(reader.find_records("").empty());
    CHECK(version_of(path) == 1);
    {
        sqlite_store store{path};
        CHECK(version_of(path) == 2);
        check_events_of_version_1(store);
        auto const revision = store.write_record("lease", 0, "held").value();
        check_record(reader, "lease", revision, "held");
        CHECK(reader.find_records("").size() == 1);
        converge::fence const held{"lease", revision};
        auto const event = event_of(3);
        converge::append_request const request{
            "orders", "one", converge::expected_version::exactly(2), {&event, 1}};
        CHECK(store.commit({{&request, 1}, {}, {&held, 1}}).value().front().first == 3);
    }
    sqlite_store const again{path};
    CHECK(again.find_records("").size() == 1);
    CHECK(again.head("orders") == 3);
    CHECK(trouble_of_call([&] { (void)reader.write_record("lease", 0, ""); }) == store_trouble::read_only);
    CHECK(trouble_of_call([&] { (void)reader.remove_record("lease", 1); }) == store_trouble::read_only);
}

TEST_CASE("an old file that cannot be brought up is left as it is") {
    temporary_directory const directory;
    auto const path = directory / "old.db";
    run(path, std::string{file_of_version_1} + "CREATE TABLE record_revision(mine)");
    try {
        sqlite_store const store{path};
        FAIL_CHECK("was taken");
    } catch (converge::store_error const& error) {
        CHECK(error.trouble() == store_trouble::corrupt);
        CHECK(
            error.what() ==
            path.string() + ": cannot bring the schema up: table record_revision already exists");
    }
    CHECK(version_of(path) == 1);
    run(path, "DROP TABLE record_revision"); // and record is not there: nothing was done in half
    sqlite_store store{path};
    check_events_of_version_1(store);
}

TEST_CASE("several processes open an old file at once, and count up one record") {
    temporary_directory const directory;
    auto const path = directory / "old.db";
    run(path, file_of_version_1);
    constexpr std::size_t processes = 4;
    constexpr std::size_t writes = 50;
    std::array<pid_t, processes> children{};
    for (auto& each : children)
        each = start_process([&] {
            sqlite_store store{path, patient};
            for (std::size_t done = 0; done < writes;) {
                auto const found = store.find_record("count");
                auto const next = std::to_string(found ? std::stoull(found->value) + 1 : 1);
                if (store.write_record("count", found ? found->revision : 0, next))
                    ++done;
            }
            return 0;
        });
    for (auto const each : children)
        CHECK(exit_code_of(each) == 0);
    sqlite_store store{path};
    CHECK(store.find_record("count").value().value == std::to_string(processes * writes));
    check_events_of_version_1(store);
}

TEST_CASE("a process that is killed loses no record that was acknowledged") {
    temporary_directory const directory;
    auto const path = directory / "k.db";
    for (int round = 0; round < 5; ++round) {
        int pipe[2];
        REQUIRE(::pipe(pipe) == 0);
        auto const child = start_process([&] {
            sqlite_store store{path};
            auto const before = store.find_record("count");
            auto revision = before ? before->revision : 0;
            for (unsigned char number = 1;; ++number) {
                revision =
                    store.write_record("count", revision, std::string(1, static_cast<char>(number))).value();
                if (::write(pipe[1], &number, 1) != 1)
                    return 1;
            }
        });
        ::close(pipe[1]);
        unsigned char acknowledged = 0;
        while (acknowledged < 5 + 7 * round && ::read(pipe[0], &acknowledged, 1) == 1) {
        }
        ::kill(child, SIGKILL);
        while (::read(pipe[0], &acknowledged, 1) == 1) {
        }
        ::close(pipe[0]);
        exit_code_of(child);
        sqlite_store store{path};
        auto const found = store.find_record("count").value();
        auto const ahead = static_cast<unsigned char>(found.value.front()) - acknowledged;
        CHECK((ahead == 0 || ahead == 1 || ahead == 1 - 256));
        CHECK(store.write_record("count", found.revision, "").value() > found.revision);
    }
}

TEST_CASE("a record that cannot be written says why, with the file's name") {
    temporary_directory const directory;
    auto const path = directory / "b.db";
    sqlite_store store{path, {.busy_timeout = std::chrono::milliseconds{20}}};
    auto const revision = store.write_record("lease", 0, "first").value();
    {
        converge::detail::sqlite_connection const other{path, {}};
        converge::detail::sqlite_transaction_statements const statements{other};
        converge::detail::sqlite_transaction const held{statements};
        try {
            (void)store.write_record("lease", revision, "second");
            FAIL_CHECK("was taken");
        } catch (converge::store_error const& error) {
            CHECK(error.trouble() == store_trouble::busy);
            CHECK(error.what() == path.string() + ": cannot start writing: database is locked");
        }
        CHECK(trouble_of_call([&] { (void)store.remove_record("lease", revision); }) == store_trouble::busy);
        check_record(store, "lease", revision, "first"); // readers are not held up
    }
    auto const now = store.write_record("lease", revision, "second").value();
    converge::fence const stale{"lease", revision};
    try {
        store.save_cursors({}, {&stale, 1});
        FAIL_CHECK("was taken");
    } catch (converge::store_error const& error) {
        CHECK(
            error.what() == path.string() + ": record 'lease' was to have revision " +
                                std::to_string(revision) + ", but has " + std::to_string(now) +
                                "; nothing was written");
    }
}
