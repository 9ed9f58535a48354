// SPDX-License-Identifier: MIT
#include <simulation/newsletter.hpp>
#include <simulation/schedules.hpp>

TEST_CASE("a newsletter with two deadlines, on a store that has a log and cursors, no more") {
    simulation::run_schedules<simulation::newsletter_process, converge::testing::simulated_capabilities{}>(
        6, simulation::newsletter_events, simulation::takes_all{});
}

TEST_CASE("a newsletter with two deadlines, on a store with several appends and cursors in one transaction") {
    simulation::run_schedules<
        simulation::newsletter_process, converge::testing::simulated_capabilities{.batches = true}>(
        7, simulation::newsletter_events, simulation::takes_all{});
}
