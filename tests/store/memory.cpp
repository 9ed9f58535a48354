// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/testing/store_conformance.hpp>

#include <doctest/doctest.h>

namespace {

static_assert(converge::event_log<converge::memory_store>);
static_assert(converge::cursor_store<converge::memory_store>);
static_assert(converge::atomic_batch_log<converge::memory_store>);
static_assert(converge::runner_lock_store<converge::memory_store>);
static_assert(converge::record_store<converge::memory_store>);
static_assert(converge::fenced_log<converge::memory_store>);

struct memory_fixture {
    converge::memory_store store;
    converge::memory_store open() { return store; } // copies share their events
};

} // namespace

TEST_CASE("the memory store keeps the promises of the contract") {
    converge::testing::store_conformance([] { return memory_fixture{}; });
}
