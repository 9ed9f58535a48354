// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <store/nats_server.hpp>
#include <string>

/// Ends a test case with the reason where there is no server to be had.
#define CONVERGE_NEEDS_NATS_SERVER()                                                                         \
    if (auto const reason = no_nats_server(); !reason.empty()) {                                             \
        MESSAGE(reason);                                                                                     \
        return;                                                                                              \
    }

/// A server for all test cases that do not harm theirs.
inline nats_server& shared_nats_server() {
    static nats_server server;
    return server;
}

/// Fresh data: a prefix that nobody has used.
inline converge::jetstream_options fresh_jetstream_options() {
    static int number = 0;
    return {.prefix = "test-" + std::to_string(number++)};
}

struct store_refusal {
    converge::store_trouble trouble{};
    std::string message;
};

template <class Work> store_refusal refusal_of(Work work) {
    try {
        work();
    } catch (converge::store_error const& error) {
        return {error.trouble(), error.what()};
    }
    FAIL("was taken");
    return {};
}
