// SPDX-License-Identifier: MIT
#include <cstdio>
#include <interleaved.hpp>
#include <run/latency.hpp>
#include <run/peer_runs.hpp>
#include <run/places.hpp>
#include <run/profile.hpp>
#include <run/space.hpp>
#include <run/throughput.hpp>
#include <run/workers.hpp>

// From log to step. The events of some thousands of orders lie in the logs of three modules; a runner decodes
// them, routes each to its order, takes the step, encodes it and appends it. Checked: all end with the orders
// in the same places, and the same asked for.
namespace {

void add_sqlite() {
    add_throughput(sqlite_place{}, 20'000);
    add_latency(sqlite_place{}, 20'000);
    auto const file = [] { return sqlite_place::file().string(); };
    add_peer("run/sqlite_with_commands/xstate", "xstate_sqlite", 20'000, file);
    add_peer("run/sqlite_with_commands/xstate_actors", "xstate_sqlite", 1'000, file, "actors");
    add_peer("run/sqlite_with_commands/emmett", "emmett_sqlite", 500, file);
}

void add_postgres() {
    if (auto const missing = postgres_server::missing()) {
        std::fprintf(stderr, "PostgreSQL is left out: %s\n", missing->c_str());
        return;
    }
    add_throughput(postgres_place{}, 10'000);
    add_workers(postgres_place{}, 30'000, 1);
    add_latency(postgres_place{}, 10'000);
    add_peer("run/postgres_with_commands/emmett", "emmett_postgresql", 200, fresh_database);
}

void add_all() {
    add_throughput(memory_place{}, 60'000);
    add_profile(60'000);
    add_workers(memory_place{}, 120'000, 3);
    add_latency(memory_place{}, 100'000);
    add_sqlite();
    add_postgres();
    add_space_of_an_instance(50'000);
    add_space_of_a_deadline(50'000);
    add_long_run();
}

} // namespace

int main(int count, char** arguments) { return run_interleaved(count, arguments, add_all); }
