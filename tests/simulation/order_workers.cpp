// SPDX-License-Identifier: MIT
#include <simulation/order.hpp>
#include <simulation/schedules.hpp>

TEST_CASE("an order shared by workers on a store that checks their leases") {
    simulation::run_schedules<
        simulation::order_process,
        converge::testing::simulated_capabilities{.batches = true, .lookups = true, .records = true}>(
        8, simulation::order_events, simulation::takes_all{}, {.fewest_workers = 2});
}
