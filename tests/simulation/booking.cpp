// SPDX-License-Identifier: MIT
#include <simulation/booking.hpp>
#include <simulation/schedules.hpp>

TEST_CASE("a booking that accepts a race, on a store that has a log and cursors, no more") {
    simulation::run_schedules<simulation::booking_process, converge::testing::simulated_capabilities{}>(
        4, simulation::booking_events, simulation::takes_all{}, {.events_come_late = false});
}

TEST_CASE("a booking that accepts a race, on a store with several appends and cursors in one transaction") {
    simulation::run_schedules<
        simulation::booking_process, converge::testing::simulated_capabilities{.batches = true}>(
        5, simulation::booking_events, simulation::takes_all{}, {.events_come_late = false});
}
