// SPDX-License-Identifier: MIT
#include <simulation/order.hpp>
#include <simulation/schedules.hpp>

TEST_CASE("an order on a store that has a log and cursors, no more") {
    simulation::run_schedules<simulation::order_process, converge::testing::simulated_capabilities{}>(
        0, simulation::order_events, simulation::takes_all{});
}
