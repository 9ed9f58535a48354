// SPDX-License-Identifier: MIT
#include <converge/codec/identity.hpp>
#include <converge/store/sqlite.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <temporary_directory.hpp>
#include <vector>

// A SQLite writer remembers the streams that it has seen. Whoever changes them, it has to notice.
namespace {

converge::new_event event_named(std::string const& name) {
    converge::new_event made;
    made.id = converge::name_based_id(name);
    made.name = "counted";
    made.payload = "{}";
    return made;
}

/// A writer on a connection of its own.
struct lone_writer {
    converge::detail::sqlite_connection connection;
    converge::detail::sqlite_writer writer;

    explicit lone_writer(std::filesystem::path const& file)
        : connection{file, converge::sqlite_options{}}, writer{connection} {}

    /// The version of the stream after one more event.
    converge::stream_version append(
        std::string const& stream, std::string const& event,
        converge::expected_version expected = converge::expected_version::any()) {
        auto const made = event_named(event);
        return writer.append({"counters", stream, expected, {&made, 1}}).value().version;
    }
    bool is_refused(std::string const& stream, std::string const& event, converge::stream_version expected) {
        auto const made = event_named(event);
        return !writer.append(
            {"counters", stream, converge::expected_version::exactly(expected), {&made, 1}});
    }
};

struct two_writers {
    temporary_directory directory;
    converge::sqlite_store store{directory / "store.db"}; // makes the schema
    lone_writer one{directory / "store.db"};
    lone_writer other{directory / "store.db"};
};

} // namespace

TEST_CASE("a stream that another connection has gone on with is looked up again") {
    two_writers both;
    for (converge::stream_version version = 0; version < 40; version += 4) {
        auto const name = std::to_string(version);
        using converge::expected_version;
        CHECK(both.one.append("a", name + "a", expected_version::exactly(version)) == version + 1);
        CHECK(both.one.append("a", name + "b", expected_version::exactly(version + 1)) == version + 2);
        CHECK(both.other.is_refused("a", name + "x", version + 1));
        CHECK(both.other.append("a", name + "c", expected_version::exactly(version + 2)) == version + 3);
        CHECK(both.other.append("a", name + "d") == version + 4);
        if (version % 8 == 0)
            CHECK(both.one.is_refused("a", name + "y", version + 2));
    }
    std::size_t events = 0;
    both.store.read_stream("counters", "a", 0, 1'000, "counters", [&](converge::event_view const& event) {
        CHECK(event.version == ++events);
    });
    CHECK(events == 40);
}

TEST_CASE("what was taken back is forgotten") {
    two_writers both;
    CHECK(both.one.append("a", "1") == 1);
    SUBCASE("by whoever opened the transaction") {
        both.one.connection.execute("BEGIN IMMEDIATE", "begin");
        CHECK(both.one.append("a", "2") == 2);
        CHECK(both.one.append("b", "3") == 1);
        both.one.connection.execute("ROLLBACK", "roll back");
    }
    SUBCASE("to a savepoint") {
        both.one.connection.execute("BEGIN IMMEDIATE", "begin");
        both.one.connection.execute("SAVEPOINT here", "begin");
        CHECK(both.one.append("a", "2") == 2);
        CHECK(both.one.append("b", "3") == 1);
        both.one.connection.execute("ROLLBACK TO here", "roll back");
        CHECK(both.one.append("a", "4") == 2);
        both.one.connection.execute("ROLLBACK", "roll back");
    }
    SUBCASE("because the batch was refused") {
        std::vector<converge::new_event> const events{event_named("2"), event_named("3"), event_named("4")};
        using converge::expected_version;
        std::vector<converge::append_request> const requests{
            {"counters", "a", expected_version::any(), {&events[0], 1}},
            {"counters", "b", expected_version::none(), {&events[1], 1}},
            {"counters", "c", expected_version::exactly(7), {&events[2], 1}}};
        CHECK_FALSE(both.one.writer.commit({requests, {}}).has_value());
    }
    SUBCASE("because an event of it is known") {
        std::vector<converge::new_event> const events{event_named("2"), event_named("1")};
        CHECK_THROWS_AS(
            (void)both.one.writer.append(
                {"counters", "b", converge::expected_version::none(), {events.data(), 2}}),
            converge::store_error);
    }
    CHECK(both.one.append("a", "2", converge::expected_version::exactly(1)) == 2);
    CHECK(both.one.append("b", "3", converge::expected_version::none()) == 1);
    CHECK(both.one.append("b", "5", converge::expected_version::exactly(1)) == 2);
    CHECK(both.other.append("a", "6", converge::expected_version::exactly(2)) == 3);
    CHECK(both.other.append("b", "7", converge::expected_version::exactly(2)) == 3);
}

TEST_CASE("a new stream whose event is known is not there") {
    two_writers both;
    CHECK(both.one.append("a", "1") == 1);
    auto const known = event_named("1");
    std::vector<converge::new_event> const fresh{event_named("2"), event_named("3")};
    using converge::expected_version;
    std::vector<converge::append_request> const requests{
        {"counters", "b", expected_version::none(), {&known, 1}},
        {"counters", "b", expected_version::any(), {&fresh[0], 1}},
        {"counters", "b", expected_version::exactly(1), {&fresh[1], 1}}};
    auto const done = both.one.writer.commit({requests, {}}).value();
    CHECK(done[0].repeated);
    CHECK(done[1].version == 1);
    CHECK(done[2].version == 2);
}

TEST_CASE("what is changed by hand on the same connection is noticed") {
    two_writers both;
    CHECK(both.one.append("a", "1") == 1);
    CHECK(both.one.append("b", "2") == 1);
    both.one.connection.execute(
        "UPDATE event SET version = 9 WHERE id = (SELECT max(id) FROM event); UPDATE stream SET version = 9",
        "change");
    CHECK(both.one.append("a", "3") == 10);
    both.other.connection.execute("UPDATE stream SET version = 20", "change");
    CHECK(both.one.append("b", "4") == 21);
}

TEST_CASE("more streams than are remembered") {
    two_writers both;
    std::vector<converge::new_event> events;
    std::vector<std::string> names;
    constexpr int streams = 40'000;
    for (int number = 0; number < streams; ++number) {
        names.push_back(std::to_string(number));
        events.push_back(event_named(names.back()));
    }
    for (int round = 0; round < 2; ++round) {
        std::vector<converge::append_request> requests;
        for (int number = 0; number < streams; ++number) {
            auto& event = events[static_cast<std::size_t>(number)];
            event.id = converge::name_based_id(names[static_cast<std::size_t>(number)], std::uint64_t(round));
            requests.push_back(
                {"counters",
                 names[static_cast<std::size_t>(number)],
                 converge::expected_version::exactly(static_cast<converge::stream_version>(round)),
                 {&event, 1}});
        }
        auto const done = both.one.writer.commit({requests, {}}).value();
        CHECK(done.back().version == static_cast<converge::stream_version>(round) + 1);
    }
}
