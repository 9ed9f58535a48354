// SPDX-License-Identifier: MIT
#include <simulation/order.hpp>
#include <simulation/schedules.hpp>

TEST_CASE("an order on a store with appends that wait together") {
    simulation::run_schedules<
        simulation::order_process, converge::testing::simulated_capabilities{.pipelined = true}>(
        2, simulation::order_events, simulation::takes_all{});
}
