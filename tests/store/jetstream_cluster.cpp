// SPDX-License-Identifier: MIT
#include <converge/store/jetstream.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <store/nats_cluster.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

using converge::jetstream_options;
using converge::jetstream_store;
using converge::testing::detail::all_of;
using converge::testing::detail::append;
using converge::testing::detail::event_of;
using namespace std::chrono_literals;

/// Appends to a stream of its own, one event after the other, as an application would: when the store cannot
/// say whether an event was written, the same event is tried again.
class cluster_writer {
public:
    cluster_writer(std::string const& urls, std::uint64_t number)
        : number_{number}, thread_{[this, urls] { work(urls); }} {}
    ~cluster_writer() { stop(); }
    cluster_writer(cluster_writer const&) = delete;

    void stop() {
        stop_ = true;
        if (thread_.joinable())
            thread_.join();
    }

    std::uint64_t acknowledged() const { return acknowledged_; }
    std::uint64_t failures() const { return failures_; }
    std::string stream() const { return "writer " + std::to_string(number_); }
    std::uint64_t id_number(std::uint64_t version) const { return (number_ << 32U) + version; }
    std::string trouble() const { return trouble_; }

private:
    void work(std::string const& urls) {
        try {
            jetstream_store store{urls, {.replicas = 3, .timeout = 5s, .attempt_timeout = 500ms}};
            while (!stop_) {
                auto const version = acknowledged_.load();
                try {
                    auto const done = append(
                        store, "orders", stream(), converge::expected_version::exactly(version),
                        {event_of(id_number(version))});
                    if (!done || done->version != version + 1) {
                        trouble_ = "version " + std::to_string(version + 1) + " was not given: " +
                                   std::to_string(done ? done->version : done.error().actual);
                        return;
                    }
                    ++acknowledged_;
                } catch (converge::store_error const&) {
                    ++failures_; // nobody knows; the id makes it safe to try again
                }
            }
        } catch (std::exception const& error) {
            trouble_ = error.what();
        }
    }

    std::uint64_t number_;
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> acknowledged_{0};
    std::atomic<std::uint64_t> failures_{0};
    std::string trouble_;
    std::thread thread_; // starts last
};

/// Appends a second that are acknowledged, of all writers, over a while.
template <class Writers> double rate_of(Writers const& writers, std::chrono::milliseconds during) {
    auto const total = [&] {
        std::uint64_t sum = 0;
        for (auto const& each : writers)
            sum += each->acknowledged();
        return sum;
    };
    auto const before = total();
    std::this_thread::sleep_for(during);
    return static_cast<double>(total() - before) / std::chrono::duration<double>{during}.count();
}

} // namespace

TEST_CASE("a cluster whose servers are killed in turn loses nothing, doubles nothing, and goes on") {
    if (auto const reason = no_nats_server(); !reason.empty()) {
        MESSAGE(reason);
        return;
    }
    nats_cluster cluster;
    {
        jetstream_store store{cluster.urls(), {.replicas = 3, .timeout = 30s}}; // until it has elected
        append(store, "orders", "first", converge::expected_version::none(), {event_of(1)}).value();
    }
    std::vector<std::unique_ptr<cluster_writer>> writers;
    for (std::uint64_t number = 1; number <= 3; ++number)
        writers.push_back(std::make_unique<cluster_writer>(cluster.urls(), number));
    std::this_thread::sleep_for(500ms);
    auto const before = rate_of(writers, 2s);
    CHECK(before > 0);
    std::string rates = "appends a second: " + std::to_string(before) + " before";
    for (auto const& server : cluster.servers) {
        server->end(SIGKILL);
        rates += "; " + std::to_string(rate_of(writers, 2s)) + " without one";
        server->start();
        double after = 0;
        auto const begin = std::chrono::steady_clock::now();
        while (after < before / 3 && std::chrono::steady_clock::now() - begin < 25s)
            after = rate_of(writers, 500ms);
        CHECK(after >= before / 3);
        rates += ", " + std::to_string(after) + " again";
        // Two servers must have everything before the next one falls.
        CHECK(caught_up(cluster.urls(), "converge-log-orders"));
        CHECK(caught_up(cluster.urls(), "converge-ids-orders"));
    }
    for (auto const& each : writers)
        each->stop();
    MESSAGE(rates);

    jetstream_store store{cluster.urls(), {.replicas = 3}};
    auto const events = all_of(store, "orders");
    std::map<std::string, std::uint64_t> versions;
    std::set<converge::event_id> ids;
    converge::position last = 0;
    for (auto const& each : events) {
        CHECK(each.position > last);
        last = each.position;
        CHECK(ids.insert(each.id).second); // nothing twice
        CHECK(each.version == ++versions[each.stream]);
    }
    for (auto const& each : writers) {
        CHECK_MESSAGE(each->trouble().empty(), each->trouble());
        CHECK(each->acknowledged() > 0);
        CHECK(versions[each->stream()] >= each->acknowledged()); // nothing lost
        CHECK(versions[each->stream()] <= each->acknowledged() + 1);
        for (std::uint64_t version = 0; version < each->acknowledged(); ++version)
            CHECK(ids.contains(event_of(each->id_number(version)).id));
    }
}
