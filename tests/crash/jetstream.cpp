// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <crash/killing.hpp>
#include <csignal>
#include <cstdint>
#include <store/nats_cluster.hpp>
#include <string>

namespace {

using namespace std::chrono_literals;

/// Kills the servers of a cluster in turn, one at a time.
class failing_cluster {
public:
    static constexpr std::uint64_t period = 10; ///< workers from one loss to the next
    static constexpr std::uint64_t absence = 3; ///< workers that have to do with two servers

    explicit failing_cluster(nats_cluster& cluster) : cluster_{&cluster} {}

    /// Before each worker: how long this one may live.
    std::chrono::milliseconds before(std::uint64_t worker) {
        auto& server = *cluster_->servers[worker / period % cluster_->servers.size()];
        if (worker % period == period / 2) {
            server.end(SIGKILL);
            ++kills_;
        }
        if (worker % period == period / 2 + absence) {
            server.start();
            wait_for_all();
        }
        auto const is_away = worker % period >= period / 2 && worker % period < period / 2 + absence;
        return is_away ? 5'000ms : 800ms; // an election takes some seconds
    }
    std::uint64_t kills() const noexcept { return kills_; }

private:
    /// Two servers must have everything before the next one falls.
    void wait_for_all() {
        for (std::string const stream :
             {"home-log-orders", "home-ids-orders", "home-log-payments", "home-ids-payments",
              "home-log-bookings", "home-ids-bookings", "ledger-log-ledger", "ledger-ids-ledger"})
            CHECK_MESSAGE(caught_up(cluster_->urls(), stream), stream);
    }

    nats_cluster* cluster_;
    std::uint64_t kills_ = 0;
};

} // namespace

TEST_CASE("JetStream: workers and servers that are killed at any moment leave each effect once, and each "
          "deadline fired once") {
    if (auto const reason = no_nats_server(); !reason.empty()) {
        MESSAGE(reason);
        return;
    }
    nats_cluster cluster;
    crash::killing<crash::in_jetstream> workers{cluster.urls(), {.undisturbed_first = true}};
    failing_cluster failing{cluster};
    auto const result = workers.run([&](std::uint64_t worker) { return failing.before(worker); });
    MESSAGE(failing.kills(), " servers were killed");
    CHECK_MESSAGE(result.wrong.empty(), result.text());
    CHECK(result.effects != 0);
    CHECK(result.fired != 0);
    workers.check_that_nothing_is_left();
}
