// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace converge {

/// How a `postgres_store` works with its database.
struct postgres_options {
    /// The schema that holds the tables, 1 to 50 bytes. Stores of different schemas share nothing.
    std::string schema = "converge";
    /// True: the schema is made, or brought to this version, when the store is opened.
    bool migrate = true;
    /// How long a call tries again when the server goes away, or says that it is starting, before it throws
    /// `unavailable`. What it wrote before is recognised by its ids, so trying again doubles nothing.
    std::chrono::milliseconds reconnect_within{30'000};
    /// How many events a read asks of the server at a time. Between two such pages the server holds nothing
    /// open.
    std::size_t page_size = 1024;
    /// True: appends wake those who wait for events. Without, they look for themselves at `poll_interval`.
    bool notify = true;
    /// How often a waiting reader looks for itself: a writer that dies between its commit and its
    /// notification wakes nobody.
    std::chrono::milliseconds poll_interval{1'000};
};

} // namespace converge
