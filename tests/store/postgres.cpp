// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <postgres_server.hpp>
#include <string>

namespace {

using converge::postgres_store;

static_assert(converge::event_log<postgres_store>);
static_assert(converge::cursor_store<postgres_store>);
static_assert(converge::atomic_batch_log<postgres_store>);
static_assert(converge::runner_lock_store<postgres_store>);
static_assert(converge::awaitable_log<postgres_store>);

/// A schema of its own on a server that is shared.
struct postgres_fixture {
    postgres_server* server;
    std::string schema;
    postgres_store open() const { return postgres_store{server->uri(), {.schema = schema}}; }
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
