// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <nats/nats.h>
#include <string>

struct __natsOptions; // of cnats, NOLINT(bugprone-reserved-identifier): that is its name

namespace converge {

/// How a `jetstream_store` connects, and how it makes what is not there yet.
struct jetstream_options {
    /// The first part of all names on the server: two prefixes are two stores. Letters, digits, '-' and '_'.
    std::string prefix = "converge";
    /// On how many servers each message is kept, 1 to 5; for what this store creates. 3 survives the loss of
    /// one server.
    int replicas = 1;
    /// How long the server itself remembers the ids of messages; for what this store creates. Repeats are
    /// recognised after it as well, from the log, with one question more.
    std::chrono::milliseconds duplicate_window{120'000};
    /// How many messages may be on their way to the server at once, at least 1.
    std::size_t publish_window = 1024;
    /// How many messages a read asks for at once, at least 1.
    std::size_t read_window = 1024;
    /// How long a call goes on trying, over lost connections and elections, before it throws `unavailable`.
    std::chrono::milliseconds timeout{10'000};
    /// How long one request may remain without an answer before it is sent again.
    std::chrono::milliseconds attempt_timeout{1'000};
    /// Where answers come: the subjects below it must be allowed to this user. Give each user its own, so
    /// that none can listen to another's.
    std::string inbox_prefix = "_INBOX";
    /// Anything else that cnats can be told before it connects: credentials, TLS, ...
    std::function<void(__natsOptions*)> configure = {};
};

} // namespace converge
