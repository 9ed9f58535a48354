// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <store/nats_server.hpp>
#include <string>
#include <thread>
#include <vector>

/// Three servers that keep everything three times.
class nats_cluster {
public:
    nats_cluster() {
        std::array<int, 3> const routes{free_port(), free_port(), free_port()};
        std::string all;
        for (auto const port : routes)
            all +=
                (all.empty() ? "\"nats://127.0.0.1:" : ", \"nats://127.0.0.1:") + std::to_string(port) + "\"";
        for (std::size_t each = 0; each < 3; ++each)
            servers.push_back(std::make_unique<nats_server>(nats_server::settings{
                .name = "server-" + std::to_string(each),
                .more = "cluster { name: three, listen: \"127.0.0.1:" + std::to_string(routes[each]) +
                        "\", routes: [" + all + " ] }"}));
    }

    std::string urls() const {
        std::string all;
        for (auto const& each : servers)
            all += (all.empty() ? "" : ",") + each->url();
        return all;
    }

    std::vector<std::unique_ptr<nats_server>> servers;
};

/// Waits until all servers have all messages of a JetStream stream. Whether they have.
inline bool caught_up(std::string const& urls, std::string const& stream) {
    using namespace std::chrono_literals;
    converge::detail::jetstream_connection on{urls, {.timeout = 20s}};
    auto const begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < 20s) {
        auto const info = converge::detail::read_answer(
            on.ask({"$JS.API.STREAM.INFO." + stream, {}, {}}, "see whether the servers have caught up"));
        std::size_t current = 0;
        if (auto const* const cluster = info.content.if_contains("cluster"))
            if (auto const* const replicas = cluster->as_object().if_contains("replicas"))
                for (auto const& each : replicas->as_array())
                    current += each.at("current").as_bool() ? 1U : 0U;
        if (current == 2)
            return true;
        std::this_thread::sleep_for(100ms);
    }
    return false;
}
