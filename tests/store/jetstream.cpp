// SPDX-License-Identifier: MIT
#include <converge/store/jetstream.hpp>
#include <converge/testing/store_conformance.hpp>

#include <doctest/doctest.h>

#include <store/nats_server.hpp>
#include <string>

namespace {

using converge::jetstream_options;
using converge::jetstream_store;

static_assert(converge::event_log<jetstream_store>);
static_assert(converge::cursor_store<jetstream_store>);
static_assert(converge::pipelined_log<jetstream_store>);
static_assert(!converge::atomic_batch_log<jetstream_store>); // JetStream has no transactions

/// A server for all test cases that do not harm theirs.
nats_server& shared_server() {
    static nats_server server;
    return server;
}

/// Fresh data: a prefix that nobody has used.
jetstream_options fresh_options() {
    static int number = 0;
    return {.prefix = "test-" + std::to_string(number++)};
}

struct jetstream_fixture {
    jetstream_options options = fresh_options();
    jetstream_store open() const { return jetstream_store{shared_server().url(), options}; }
};

} // namespace

TEST_CASE("the JetStream store keeps the promises of the contract") {
    if (auto const reason = no_nats_server(); !reason.empty()) {
        MESSAGE(reason);
        return;
    }
    converge::testing::store_conformance([] { return jetstream_fixture{}; });
}
