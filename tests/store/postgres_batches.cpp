// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <servers.hpp>
#include <store/drawn_batch.hpp>
#include <string>
#include <string_view>
#include <vector>

// A batch is one call of the server, which supposes that ids and streams are new and looks up where it was
// wrong.
namespace {

using namespace converge::testing::detail;
using converge::expected_version;
using converge::memory_store;
using converge::postgres_store;

} // namespace

TEST_CASE("batches of every kind come to the same on PostgreSQL as in memory") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri(), {.notify = false}};
    memory_store model;
    std::mt19937_64 random{7};
    std::uint64_t next_id = 0;
    drawn_outcomes outcomes;
    for (int batch = 0; batch < 1500; ++batch) {
        drawn_batch const drawn{random, next_id, model};
        auto const expected = outcome(model, drawn.requests());
        CAPTURE(batch);
        auto const came_to = outcome(store, drawn.requests());
        // Of a batch with several faults the server finds the ids of all requests before any version.
        if (expected.starts_with("request") && came_to.starts_with("event"))
            continue;
        REQUIRE(came_to == expected);
        outcomes.add(expected);
    }
    CHECK(outcomes.written > 200);
    CHECK(outcomes.refused > 200);
    CHECK(outcomes.repeated > 40);
    check_same(store, model);
}

TEST_CASE("PostgreSQL takes the streams of a batch in any order, as programs of an older version send them") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri()};
    append(store, "orders", "there", expected_version::none(), events_of(1, 3)).value();
    converge::detail::postgres_connection connection{server.uri()};
    auto const call = [&](std::string const& names, std::string const& expected) {
        auto const result = connection.execute(
            "SELECT outcome FROM converge.append(ARRAY['orders'], ARRAY[3], '{}', ARRAY[" + names +
                "], ARRAY[" + expected +
                "]::bigint[], '{}', '{}', '{}', '{}', '{}', '{}', ARRAY[gen_random_uuid(), "
                "gen_random_uuid(), gen_random_uuid()], ARRAY['e', 'e', 'e'], '{}', "
                "ARRAY['', '', '']::bytea[], '{}', '{}', '{}')",
            "append as an older program");
        return std::string{PQgetvalue(result.get(), 0, 0)};
    };
    auto const version = [&](std::string_view stream) {
        auto const last = store.last_of_stream("orders", stream, "orders");
        return last ? last->version : 0;
    };
    CHECK(call("'a', 'there', 'b'", "0, 3, -1") == "0"); // one new, one there, any
    CHECK(version("a") == 1);
    CHECK(version("there") == 4);
    CHECK(version("b") == 1);
    CHECK(call("'c', 'a', 'missing'", "0, 1, 5") == "1"); // one that is expected is not there
    CHECK(version("c") == 0);
    CHECK(version("a") == 1);
    CHECK(version("missing") == 0);
    CHECK(call("'c', 'a', 'there'", "0, -1, 4") == "0");
    CHECK(version("c") == 1);
    CHECK(version("a") == 2);
    CHECK(version("there") == 5);
    CHECK(store.head("orders") == 9);
    std::vector<converge::stream_version> versions;
    store.read_stream("orders", "there", 0, no_limit, "orders", [&](auto const& each) {
        versions.push_back(each.version);
    });
    CHECK(versions == std::vector<converge::stream_version>{1, 2, 3, 4, 5});
}
