// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <servers.hpp>
#include <string>
#include <vector>

// The connection on which a page is read before it is asked for.
namespace {

using converge::event_view;
using converge::position;
using converge::postgres_store;
using namespace converge::testing::detail;

constexpr auto any = converge::expected_version::any();

std::vector<std::string> column(postgres_server const& server, std::string const& sql) {
    converge::detail::postgres_connection connection{server.uri()};
    auto const result = connection.execute(sql, "look at the server");
    std::vector<std::string> all;
    for (int row = 0; row < PQntuples(result.get()); ++row)
        all.emplace_back(PQgetvalue(result.get(), row, 0));
    return all;
}

/// The server's processes for the store's user but for the one that is asked.
std::size_t connections(postgres_server const& server, std::string const& user = "owner") {
    return column(
               server, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> "
                       "pg_backend_pid() AND usename = '" +
                           user + "'")
        .size();
}

std::vector<position> positions(postgres_store const& store, std::size_t limit) {
    std::vector<position> all;
    store.read("orders", 0, limit, "orders", [&](event_view const& each) { all.push_back(each.position); });
    return all;
}

} // namespace

TEST_CASE("PostgreSQL reads a page before it is asked for, and the connection for it may be lost") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri()};
    append(store, "orders", "one", any, events_of(1, 500)).value();
    CHECK(connections(server) == 1);
    std::vector<position> all(500);
    for (std::size_t each = 0; each < all.size(); ++each)
        all[each] = each + 1;
    store.prefetch("orders", 0, 500, "orders");
    CHECK(connections(server) == 2);
    // What is appended or read meanwhile is not in its way.
    append(store, "orders", "two", any, {event_of(501)}).value();
    CHECK(store.last_of_stream("orders", "two", "orders").value().position == 501);
    CHECK(positions(store, 500) == all);
    CHECK(connections(server) == 2);

    SUBCASE("before the server has answered, or after") { store.prefetch("orders", 0, 500, "orders"); }
    SUBCASE("while nothing is asked") {}
    SUBCASE("in the midst of the events") {
        // They are larger than what lies between the two processes.
        std::vector<converge::new_event> large;
        for (std::uint64_t number = 1'000; number < 1'100; ++number) {
            large.push_back(event_of(number));
            large.back().payload.assign(200'000, 'x');
        }
        append(store, "large", "one", any, large).value();
        store.prefetch("large", 0, 100, "large");
        std::size_t seen = 0;
        store.read("large", 0, 100, "large", [&](event_view const& each) {
            CHECK(each.position == ++seen);
            CHECK(each.payload.size() == 200'000);
            if (seen == 1)
                (void)column(
                    server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' "
                            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'");
        });
        CHECK(seen == 100);
    }
    (void)column(
        server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                "backend_type = 'client backend'");
    CHECK(positions(store, 500) == all);
    store.prefetch("orders", 0, 500, "orders"); // may find out
    CHECK(positions(store, 500) == all);
}

TEST_CASE("PostgreSQL reads as well where there is no connection to prefetch on") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    (void)column(server, "CREATE ROLE single LOGIN CONNECTION LIMIT 1");
    {
        postgres_store owner{server.uri()};
        append(owner, "orders", "one", any, events_of(1, 10)).value();
        owner.give_module("orders", "single");
    }
    postgres_store const store{server.uri("single")};
    for (int round = 0; round < 3; ++round) {
        store.prefetch("orders", 0, 5, "orders");
        CHECK(connections(server, "single") == 1);
        CHECK(positions(store, 5) == std::vector<position>{1, 2, 3, 4, 5});
    }
}

TEST_CASE("PostgreSQL prefetches no page that would be large, and keeps none while it waits for events") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri()};
    auto large = event_of(1);
    large.payload.assign((1U << 20U) + 1, 'x');
    append(store, "orders", "one", any, {large}).value();
    append(store, "orders", "one", any, events_of(2, 10)).value();
    CHECK(positions(store, 1).size() == 1);
    store.prefetch("orders", 1, 5, "orders");
    CHECK(connections(server) == 1);
    std::vector<position> next;
    store.read("orders", 1, 5, "orders", [&](event_view const& each) { next.push_back(each.position); });
    CHECK(next == std::vector<position>{2, 3, 4, 5, 6});
    store.prefetch("orders", 6, 5, "orders"); // those were small
    CHECK(connections(server) == 2);
    converge::cursor const seen[] = {{"", "orders", 11}};
    CHECK_FALSE(store.wait_for_events(seen, std::chrono::milliseconds{20}));
    append(store, "orders", "two", any, {event_of(20)}).value();
    next.clear();
    store.read("orders", 6, 6, "orders", [&](event_view const& each) { next.push_back(each.position); });
    CHECK(next == std::vector<position>{7, 8, 9, 10, 11, 12});
}
