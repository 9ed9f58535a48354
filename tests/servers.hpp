// SPDX-License-Identifier: MIT
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <postgres_server.hpp>

/// Whether a test that needs a server can begin. Where there is none, it says that it is skipped, and why;
/// with CONVERGE_REQUIRE_SERVERS in the environment, as in CI, it fails.
inline bool has_postgres_server() {
    auto const reason = postgres_server::missing();
    if (reason && std::getenv("CONVERGE_REQUIRE_SERVERS") != nullptr) // NOLINT(concurrency-mt-unsafe)
        FAIL(*reason);
    if (reason)
        MESSAGE("skipped, no server: ", *reason);
    return !reason;
}
