// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>

#include <doctest/doctest.h>

#include <run/worker_process.hpp>
#include <servers.hpp>

namespace {

auto on(postgres_server const& server) {
    (void)converge::postgres_store{server.uri()}; // the schema is made before the workers come
    return [uri = server.uri()] { return converge::postgres_store{uri}; };
}

} // namespace

TEST_CASE(
    "a worker on PostgreSQL that is stopped in a handler beyond its lease does no harm when it goes on") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    worker_processes::stopped_in_a_handler(on(server));
}

TEST_CASE(
    "workers on one PostgreSQL database that are stopped beyond their leases and killed do everything once") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    worker_processes::stopped_and_killed(on(server));
}
