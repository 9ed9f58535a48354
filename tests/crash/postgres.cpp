// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <crash/killing.hpp>
#include <servers.hpp>

TEST_CASE("PostgreSQL: workers that are killed at any moment leave each effect once, and each deadline fired "
          "once") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    crash::check_killing<crash::in_postgres>(server.uri());
}
