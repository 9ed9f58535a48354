// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <servers.hpp>
#include <store/postgres_held.hpp>
#include <string>

namespace {

using converge::postgres_store;

static_assert(converge::event_log<postgres_store>);
static_assert(converge::cursor_store<postgres_store>);
static_assert(converge::atomic_batch_log<postgres_store>);
static_assert(converge::runner_lock_store<postgres_store>);
static_assert(converge::awaitable_log<postgres_store>);
static_assert(converge::fenced_log<postgres_store>);
static_assert(converge::batch_lookup_log<postgres_store>);
static_assert(converge::prefetching_log<postgres_store>);

/// A schema of its own on a server that is shared.
struct postgres_fixture {
    postgres_server* server;
    std::string schema;
    postgres_store open() const { return postgres_store{server->uri(), {.schema = schema}}; }
    postgres_held begin() const { return {server->uri(), schema}; }
    void interrupt() const { server->restart(SIGQUIT); } // as `pg_ctl restart -m immediate`
};

} // namespace

TEST_CASE("the PostgreSQL store keeps the promises of the contract") {
    if (!has_postgres_server())
        return;
    static postgres_server server; // for all subcases
    static int schemas = 0;
    converge::testing::store_conformance(
        [&] { return postgres_fixture{&server, "conformance_" + std::to_string(++schemas)}; });
}

namespace {

/// The store with the usual mistake: positions come from a sequence, which gives a number before the
/// transaction that uses it is visible, and so in another order.
struct sequence_fixture : postgres_fixture {
    static void replace(std::string& text, std::string_view from, std::string_view to) {
        REQUIRE(text.find(from) != std::string::npos);
        for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
    }
    void break_it() const {
        (void)open();
        std::string many = converge::detail::postgres_append;
        replace(
            many,
            "UPDATE {schema}.module SET head = head + module_events[m] WHERE name = module_names[m]\n"
            "                RETURNING id, head - module_events[m], role INTO found_id, found_head, "
            "found_role",
            "SELECT id, nextval('{schema}.stream_id') * 1000, role INTO found_id, found_head, found_role "
            "FROM {schema}.module WHERE name = module_names[m]");
        std::string one = converge::detail::postgres_append_one;
        replace(
            one,
            "UPDATE {schema}.module m SET head = m.head + 1 WHERE m.name = module_name\n"
            "            RETURNING m.id, m.head - 1, m.role INTO module_id, head, module_role",
            "SELECT m.id, nextval('{schema}.stream_id') * 1000, m.role INTO module_id, head, module_role "
            "FROM {schema}.module m WHERE m.name = module_name");
        converge::detail::postgres_session const session{server->uri(), {.schema = schema}};
        converge::detail::postgres_connection connection{server->uri()};
        for (auto* const text : {&many, &one})
            replace(*text, "PERFORM pg_advisory_xact_lock(", "PERFORM (");
        for (auto const* const text : {&many, &one})
            connection.execute(session.in_schema(*text), "break the store");
    }
};

} // namespace

TEST_CASE("a sequence for positions passes events by, which the late commits show") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    sequence_fixture const broken{{&server, "sequence"}};
    broken.break_it();
    using namespace converge::testing::detail;
    auto store = broken.open();
    append_one(store, "before", 1);
    auto slow = broken.begin();
    hold_one(slow, "slow", 2);
    append_one(store, "fast", 3); // overtakes
    auto const first = read(store, "orders", 0, no_limit, "orders");
    slow.commit();
    auto const then = read(store, "orders", first.through, no_limit, "orders");
    CHECK(all_of(store, "orders").size() == 3);
    CHECK(first.events.size() + then.events.size() == 2); // the slow one's is never seen
}
