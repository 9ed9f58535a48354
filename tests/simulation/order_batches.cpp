// SPDX-License-Identifier: MIT
#include <simulation/order.hpp>
#include <simulation/schedules.hpp>

TEST_CASE("an order on a store with several appends and cursors in one transaction") {
    simulation::run_schedules<
        simulation::order_process, converge::testing::simulated_capabilities{.batches = true}>(
        1, simulation::order_events, simulation::takes_all{});
}
