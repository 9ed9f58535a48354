// SPDX-License-Identifier: MIT
#include <converge/store/sqlite.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <string>
#include <temporary_directory.hpp>

// Files that SQLite finds in order and that contradict themselves all the same, and files at their limits.
namespace {

using converge::sqlite_store;
using converge::store_trouble;
using converge::testing::detail::all_of;
using converge::testing::detail::append;
using converge::testing::detail::event_of;
using converge::testing::detail::events_of;

auto const any = converge::expected_version::any();

/// A store with three events in stream `s` of module `m`, changed by hand.
struct changed_store {
    explicit changed_store(std::string const& sql) {
        REQUIRE(append(store, "m", "s", any, events_of(1, 3)).has_value());
        converge::detail::sqlite_connection{directory / "c.db", converge::sqlite_options{}}.execute(
            sql, "prepare the test");
    }
    /// Checks what is said, without the file's name, when it is used.
    template <class Use> void refuses(std::string const& said, store_trouble trouble, Use use) {
        try {
            use(store);
            FAIL_CHECK("was taken");
        } catch (converge::store_error const& error) {
            CHECK(error.what() == (directory / "c.db").string() + ": " + said);
            CHECK(error.trouble() == trouble);
        }
    }
    temporary_directory directory;
    sqlite_store store{directory / "c.db"};
};

} // namespace

TEST_CASE("a stream whose version contradicts its events takes no event, and loses none") {
    changed_store changed{"UPDATE stream SET version = 1"};
    changed.refuses(
        "cannot append an event: its stream has one of version 2 already", store_trouble::corrupt,
        [](auto& store) { (void)append(store, "m", "s", any, {event_of(9)}); });
    CHECK(all_of(changed.store, "m").size() == 3);
}

TEST_CASE("an event whose stream is missing is an error and not skipped") {
    changed_store changed{"DELETE FROM stream"};
    changed.refuses("the event at position 1 belongs to no stream", store_trouble::corrupt, [](auto& store) {
        (void)all_of(store, "m");
    });
}

TEST_CASE("a stream whose last event is missing is not taken for an empty one") {
    changed_store changed{"DELETE FROM event WHERE version = 3"};
    changed.refuses(
        "the event at position 3 is the last of its stream, but is missing", store_trouble::corrupt,
        [](auto& store) { (void)store.last_of_stream("m", "s", "m"); });
}

TEST_CASE("an id that is none is not read") {
    changed_store changed{"UPDATE event SET id = x'0102' WHERE version = 2"};
    changed.refuses("the event at position 2 has an id of 2 bytes", store_trouble::corrupt, [](auto& store) {
        (void)all_of(store, "m");
    });
}

TEST_CASE("a revision that was used already is not given to another record") {
    changed_store changed{"UPDATE record_revision SET last = 41"};
    CHECK(changed.store.write_record("one", 0, "").value() == 42);
    converge::detail::sqlite_connection{changed.directory / "c.db", converge::sqlite_options{}}.execute(
        "UPDATE record_revision SET last = 41", "prepare the test");
    changed.refuses(
        "cannot save a record: UNIQUE constraint failed: record.revision", store_trouble::corrupt,
        [](auto& store) { (void)store.write_record("two", 0, ""); });
    CHECK(changed.store.find_records("").size() == 1);
}

TEST_CASE("a file that has lost the last revision gives none") {
    changed_store changed{"DELETE FROM record_revision"};
    changed.refuses(
        "cannot number a record: the last revision is missing", store_trouble::corrupt,
        [](auto& store) { (void)store.write_record("one", 0, ""); });
    CHECK(!changed.store.find_record("one").has_value());
}

TEST_CASE("a module that has used up its positions says so") {
    changed_store changed{"UPDATE module SET head = (1 << 40) - 2"};
    changed.refuses("module 'm' has used up its positions", store_trouble::full, [](auto& store) {
        (void)append(store, "m", "t", any, events_of(10, 2));
    });
    CHECK(append(changed.store, "m", "t", any, {event_of(20)})->first == (std::uint64_t{1} << 40U) - 1);
    changed.refuses("module 'm' has used up its positions", store_trouble::full, [](auto& store) {
        (void)append(store, "m", "t", any, {event_of(21)});
    });
    CHECK(append(changed.store, "n", "t", any, {event_of(20)})->first == 1); // each module has its own
}

TEST_CASE("two stores on one file make new streams in turn") {
    temporary_directory const directory;
    sqlite_store one{directory / "t.db"};
    sqlite_store other{directory / "t.db"};
    for (std::uint64_t number = 0; number < 10; ++number)
        REQUIRE(
            append(number % 3 == 0 ? one : other, "m", "s" + std::to_string(number), any, {event_of(number)})
                .has_value());
    CHECK(all_of(one, "m").size() == 10);
    for (std::uint64_t number = 0; number < 10; ++number)
        CHECK(one.last_of_stream("m", "s" + std::to_string(number), "m")->position == number + 1);
}
