// SPDX-License-Identifier: MIT
#include <converge/store/sqlite.hpp>

#include <doctest/doctest.h>

#include <run/worker_process.hpp>
#include <temporary_directory.hpp>

namespace {

auto in(temporary_directory const& directory) {
    auto const file = (directory / "orders.db").string();
    (void)converge::sqlite_store{file}; // made before the workers come
    return [file] { return converge::sqlite_store{file}; };
}

} // namespace

TEST_CASE("a worker on SQLite that is stopped in a handler beyond its lease does no harm when it goes on") {
    temporary_directory const directory;
    worker_processes::stopped_in_a_handler(in(directory));
}

TEST_CASE("workers on one SQLite file that are stopped beyond their leases and killed do everything once") {
    temporary_directory const directory;
    worker_processes::stopped_and_killed(in(directory));
}
