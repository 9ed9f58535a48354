// SPDX-License-Identifier: MIT
#include <converge/store/sqlite.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <sys/syscall.h>
#include <temporary_directory.hpp>
#include <unistd.h>

// A power failure cannot be had in a test. What can be seen is whether SQLite waits for the disk: the
// program's own definition of these functions comes before that of the C library.
namespace {
std::atomic<int> waits_for_the_disk{0};
}

extern "C" int fsync(int file) {
    ++waits_for_the_disk;
    return static_cast<int>(::syscall(SYS_fsync, file));
}
extern "C" int fdatasync(int file) {
    ++waits_for_the_disk;
    return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace {

using converge::sqlite_store;
using converge::testing::detail::append;
using converge::testing::detail::event_of;

/// How often each of ten appends waits, once the write-ahead log is there.
std::vector<int> waits_of_appends(converge::sqlite_options const& options) {
    temporary_directory const directory;
    sqlite_store store{directory / "d.db", options};
    std::vector<int> waits;
    for (std::uint64_t number = 0; number <= 10; ++number) {
        auto const before = waits_for_the_disk.load();
        REQUIRE(append(store, "m", "s", converge::expected_version::any(), {event_of(number)}).has_value());
        if (number > 0)
            waits.push_back(waits_for_the_disk - before);
    }
    return waits;
}

} // namespace

TEST_CASE("an append returns when the disk has it, unless the user has said otherwise") {
    CHECK(waits_of_appends({}) == std::vector<int>(10, 1));
    CHECK(waits_of_appends({.synchronous = converge::sqlite_synchronous::normal}) == std::vector<int>(10, 0));
}

TEST_CASE("a batch waits for the disk once, with its cursors") {
    temporary_directory const directory;
    sqlite_store store{directory / "d.db"};
    auto const first = event_of(1);
    auto const second = event_of(2);
    auto const third = event_of(3);
    auto const any = converge::expected_version::any();
    REQUIRE(store.append({"m", "s", any, {&first, 1}}).has_value());
    std::vector<converge::append_request> const requests{
        {"m", "s", any, {&second, 1}}, {"n", "t", any, {&third, 1}}};
    std::vector<converge::cursor> const cursors{{"r", "m", 1}, {"r", "n", 1}};
    auto const before = waits_for_the_disk.load();
    REQUIRE(store.commit({requests, cursors}).has_value());
    CHECK(waits_for_the_disk - before == 1);
    converge::cursor const moved{"r", "m", 2};
    store.save_cursors({&moved, 1});
    CHECK(waits_for_the_disk - before == 2);
}
