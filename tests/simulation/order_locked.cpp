// SPDX-License-Identifier: MIT
#include <simulation/order.hpp>
#include <simulation/schedules.hpp>

TEST_CASE("an order on a store with a lock that can be lost") {
    simulation::run_schedules<
        simulation::order_process,
        converge::testing::simulated_capabilities{.batches = true, .lookups = true, .runner_lock = true}>(
        3, simulation::order_events, simulation::takes_all{});
}
