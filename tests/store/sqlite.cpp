// SPDX-License-Identifier: MIT
#include <converge/store/batch_lookup_log.hpp>
#include <converge/store/sqlite.hpp>
#include <converge/testing/store_conformance.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <sys/mount.h>
#include <sys/wait.h>
#include <temporary_directory.hpp>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using converge::sqlite_store;
using converge::store_trouble;
using converge::testing::detail::all_of;
using converge::testing::detail::append;
using converge::testing::detail::event_of;
using converge::testing::detail::events_of;

auto const any = converge::expected_version::any();

static_assert(converge::event_log<sqlite_store>);
static_assert(converge::cursor_store<sqlite_store>);
static_assert(converge::atomic_batch_log<sqlite_store>);
static_assert(converge::runner_lock_store<sqlite_store>);
static_assert(converge::fenced_log<sqlite_store>);
static_assert(converge::batch_lookup_log<sqlite_store>);

/// A transaction that stays open.
class sqlite_held {
public:
    explicit sqlite_held(fs::path const& path)
        : connection_{std::make_unique<converge::detail::sqlite_connection>(
              path, converge::sqlite_options{.busy_timeout = std::chrono::minutes{1}})},
          writer_{std::make_unique<converge::detail::sqlite_writer>(*connection_)} {
        connection_->execute("BEGIN IMMEDIATE", "begin");
    }
    void append(converge::append_request const& request) { (void)writer_->append(request).value(); }
    void commit() { connection_->execute("COMMIT", "commit"); }
    void roll_back() { connection_->execute("ROLLBACK", "roll back"); }

private:
    std::unique_ptr<converge::detail::sqlite_connection> connection_;
    std::unique_ptr<converge::detail::sqlite_writer> writer_;
};

struct sqlite_fixture {
    temporary_directory directory;
    sqlite_store open() const {
        return sqlite_store{
            directory / "store.db",
            {.synchronous = converge::sqlite_synchronous::normal, .busy_timeout = std::chrono::minutes{1}}};
    }
    sqlite_held begin() const { return sqlite_held{directory / "store.db"}; }
};

struct refusal {
    store_trouble trouble{};
    std::string message;
};

template <class Work> refusal refusal_of(Work work) {
    try {
        work();
    } catch (converge::store_error const& error) {
        return {error.trouble(), error.what()};
    }
    FAIL("was taken");
    return {};
}

/// Runs a function in a child process and gives its exit code; 128 and the signal when it was killed.
template <class Work> int in_child(Work work) {
    auto const child = ::fork();
    if (child == 0) {
        int code = 99;
        try {
            code = work();
        } catch (...) {
            // ignored here: the exit code 99 tells the parent
        }
        ::_exit(code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

TEST_CASE("the SQLite store keeps the promises of the contract") {
    converge::testing::store_conformance([] { return sqlite_fixture{}; });
}

TEST_CASE("what was acknowledged is there when the file is opened again") {
    temporary_directory directory;
    {
        sqlite_store store{directory / "a.db"};
        REQUIRE(append(store, "m", "s", any, {event_of(1)}).has_value());
        converge::cursor const moved{"r", "m", 1};
        store.save_cursors({&moved, 1});
    }
    sqlite_store store{directory / "a.db"};
    CHECK(store.head("m") == 1);
    CHECK(store.load_cursor("r", "m") == 1);
    CHECK(append(store, "m", "s", converge::expected_version::exactly(1), {event_of(2)})->first == 2);
    sqlite_store reader{directory / "a.db", {.read_only = true}};
    CHECK(reader.head("m") == 2);
    CHECK(refusal_of([&] {
              (void)append(reader, "m", "s", any, {event_of(3)});
          }).trouble == store_trouble::read_only);
}

TEST_CASE("a file that is no store of ours is refused and left as it is") {
    temporary_directory directory;
    auto const path = directory / "x.db";
    SUBCASE("no database") {
        std::ofstream{path} << std::string(5000, 'x');
        auto const refused = refusal_of([&] { sqlite_store{path}; });
        CHECK(refused.trouble == store_trouble::not_a_store);
        CHECK(refused.message == path.string() + ": cannot read the schema: file is not a database");
        CHECK(fs::file_size(path) == 5000);
    }
    SUBCASE("a database of something else") {
        converge::detail::sqlite_connection{path, converge::sqlite_options{}}.execute(
            "CREATE TABLE other(x)", "prepare the test");
        auto const refused = refusal_of([&] { sqlite_store{path}; });
        CHECK(refused.trouble == store_trouble::not_a_store);
        CHECK(
            refused.message ==
            path.string() + ": is a SQLite database, but not one of converge; it was left as it is");
    }
    SUBCASE("a newer schema") {
        {
            sqlite_store const made{path};
        }
        converge::detail::sqlite_connection{path, converge::sqlite_options{}}.execute(
            "PRAGMA user_version = 7", "prepare the test");
        auto const refused = refusal_of([&] { sqlite_store{path}; });
        CHECK(refused.trouble == store_trouble::newer_schema);
        CHECK(
            refused.message == path.string() + ": has schema version 7, this program knows versions up to 2");
    }
    SUBCASE("a missing directory") {
        auto const missing = directory / "none/x.db";
        auto const refused = refusal_of([&] { sqlite_store{missing}; });
        CHECK(refused.trouble == store_trouble::unavailable);
        CHECK(
            refused.message ==
            missing.string() +
                ": cannot open the file: unable to open database file (No such file or directory)");
    }
    SUBCASE("a directory") {
        CHECK(refusal_of([&] { sqlite_store{directory.path()}; }).trouble == store_trouble::unavailable);
    }
}

TEST_CASE("a corrupted page is reported, not read past") {
    temporary_directory directory;
    auto const path = directory / "c.db";
    {
        sqlite_store store{path};
        for (std::uint64_t number = 0; number < 500; ++number)
            REQUIRE(append(store, "m", "s", any, {event_of(number)}).has_value());
        converge::detail::sqlite_connection{path, converge::sqlite_options{}}.execute(
            "PRAGMA wal_checkpoint(TRUNCATE)", "prepare the test");
    }
    auto const pages = fs::file_size(path) / 4096;
    REQUIRE(pages > 10);
    {
        std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
        for (std::uintmax_t page = 6; page < pages; ++page) {
            file.seekp(static_cast<std::streamoff>(page * 4096));
            file << std::string(64, '\xA5');
        }
    }
    auto const refused = refusal_of([&] {
        sqlite_store store{path};
        (void)all_of(store, "m");
    });
    CHECK(refused.trouble == store_trouble::corrupt);
    CHECK(refused.message == path.string() + ": cannot read a module: database disk image is malformed");
}

TEST_CASE("a directory that cannot be written is named") {
    if (::getuid() != 0) {
        MESSAGE("skipped: only root can become another user");
        return;
    }
    temporary_directory directory;
    fs::permissions(directory.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
    auto const path = directory / "r.db";
    auto const code = in_child([&] {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0)
            return 1;
        try {
            sqlite_store{path};
        } catch (converge::store_error const& error) {
            return error.what() ==
                           path.string() +
                               ": cannot open the file: unable to open database file (Permission denied)"
                       ? 42
                       : 2;
        }
        return 3;
    });
    CHECK(code == 42);
}

TEST_CASE("a full disk loses nothing and leaves nothing half written") {
    temporary_directory directory;
    auto const mounted = directory / "small";
    fs::create_directory(mounted);
    if (::getuid() != 0 || ::mount("tmpfs", mounted.c_str(), "tmpfs", 0, "size=256k") != 0) {
        MESSAGE("skipped: a small file system cannot be mounted here");
        return;
    }
    std::size_t taken = 0;
    {
        sqlite_store small{mounted / "f.db"};
        auto const refused = refusal_of([&] {
            for (;; ++taken) {
                auto event = event_of(taken);
                event.payload = std::string(2000, 'p');
                if (!append(small, "m", "s", any, {event}))
                    break; // a failed assertion would swallow the error
            }
        });
        CHECK(refused.trouble == store_trouble::full);
        CHECK(refused.message.find("database or disk is full") != std::string::npos);
        CHECK(taken > 0);
        CHECK(all_of(small, "m").size() == taken);
        // When there is space again, it goes on.
        REQUIRE(::mount("tmpfs", mounted.c_str(), "tmpfs", MS_REMOUNT, "size=4m") == 0);
        CHECK(append(small, "m", "s", converge::expected_version::exactly(taken), {event_of(taken)})
                  .has_value());
    }
    ::umount(mounted.c_str());
}

TEST_CASE("a process that is killed loses no acknowledged commit and leaves none half done") {
    for (int round = 0; round < 5; ++round) {
        temporary_directory directory;
        auto const path = directory / "k.db";
        {
            sqlite_store const made{path};
        }
        int pipe[2];
        REQUIRE(::pipe(pipe) == 0);
        auto const child = ::fork();
        if (child == 0) {
            sqlite_store store{path};
            for (std::uint64_t number = 0;; ++number) {
                if (!append(store, "m", "s", any, events_of(3 * number, 3)))
                    ::_exit(1);
                if (::write(pipe[1], "x", 1) != 1)
                    ::_exit(2);
            }
        }
        ::close(pipe[1]);
        int acknowledged = 0;
        char byte = 0;
        while (acknowledged < 5 + 7 * round && ::read(pipe[0], &byte, 1) == 1)
            ++acknowledged;
        ::kill(child, SIGKILL);
        while (::read(pipe[0], &byte, 1) == 1)
            ++acknowledged;
        ::close(pipe[0]);
        ::waitpid(child, nullptr, 0);
        sqlite_store store{path};
        auto const events = all_of(store, "m");
        CHECK(events.size() % 3 == 0);
        CHECK(events.size() >= 3 * static_cast<std::size_t>(acknowledged));
        for (std::size_t at = 0; at < events.size(); ++at)
            CHECK(events[at].payload == "payload " + std::to_string(at));
    }
}

TEST_CASE("a writer that finds the file locked for too long says so") {
    temporary_directory directory;
    auto const path = directory / "b.db";
    sqlite_store store{path, {.busy_timeout = std::chrono::milliseconds{20}}};
    converge::detail::sqlite_connection const other{path, {}};
    converge::detail::sqlite_transaction_statements const statements{other};
    converge::detail::sqlite_transaction const held{statements};
    auto const refused = refusal_of([&] { (void)append(store, "m", "s", any, {event_of(1)}); });
    CHECK(refused.trouble == store_trouble::busy);
    CHECK(refused.message == path.string() + ": cannot start writing: database is locked");
    CHECK(store.head("m") == 0); // readers are not held up
}

TEST_CASE("one runner of a process manager works on a file, and the lock goes with its process") {
    temporary_directory directory;
    auto const path = directory / "l.db";
    sqlite_store store{path};
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    auto const child = ::fork();
    if (child == 0) {
        sqlite_store own{path};
        auto const held = own.lock_runner("order");
        if (::write(pipe[1], "x", 1) != 1)
            ::_exit(1);
        for (;;)
            ::pause();
    }
    char byte = 0;
    REQUIRE(::read(pipe[0], &byte, 1) == 1);
    auto const refused = refusal_of([&] { (void)store.lock_runner("order"); });
    CHECK(refused.trouble == store_trouble::in_use);
    CHECK(
        refused.message == path.string() +
                               ": another runner of process manager 'order' is at work (process " +
                               std::to_string(child) + ")");
    CHECK_NOTHROW((void)store.lock_runner("another"));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK_NOTHROW((void)store.lock_runner("order"));
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST_CASE("a forked child that ends does not give its parent's lock away") {
    temporary_directory directory;
    sqlite_store const store{directory / "l.db"};
    auto held = std::make_unique<converge::detail::runner_lock>(store.lock_runner("order"));
    CHECK(in_child([&] {
              held.reset();
              return 0;
          }) == 0);
    CHECK(refusal_of([&] { (void)store.lock_runner("order"); }).trouble == store_trouble::in_use);
    held.reset();
    CHECK_NOTHROW((void)store.lock_runner("order"));
}
