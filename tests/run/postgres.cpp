// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <run/order.hpp>
#include <servers.hpp>
#include <thread>
#include <vector>

// A runner on a store that wakes it.
namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using converge::postgres_store;

/// A runner at work in a thread of its own.
class running {
public:
    running(postgres_server const& server, converge::runner_options const& options)
        : thread_{[this, &server, options](std::stop_token const& stop) {
              postgres_store store{server.uri(), {.poll_interval = 1h}};
              auto runner =
                  converge::make_runner<order_process>(store, [this](auto const&) { ++commands_; }, options);
              runner.run(stop);
          }} {}
    /// Whether so many commands have come, within a generous time.
    bool handles(std::size_t commands) const {
        for (auto const end = clock_type::now() + 20s; clock_type::now() < end;
             std::this_thread::sleep_for(200us))
            if (commands_ >= commands)
                return true;
        return false;
    }
    void stop() {
        thread_.request_stop();
        thread_.join();
    }

private:
    std::atomic<std::size_t> commands_{0};
    std::jthread thread_;
};

} // namespace

TEST_CASE("an idle runner wakes when an event is appended, and stops when it is told to") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri()};
    running runner{server, {.longest_sleep = 1h}}; // so it is not its own look that finds the event
    place(store, "0");
    CHECK(runner.handles(1)); // "greet", for each new order
    std::vector<clock_type::duration> delays;
    for (std::size_t order = 1; order <= 20; ++order) {
        std::this_thread::sleep_for(10ms);
        auto const begin = clock_type::now();
        place(store, std::to_string(order));
        CHECK(runner.handles(order + 1));
        delays.push_back(clock_type::now() - begin);
    }
    std::ranges::sort(delays);
    MESSAGE(
        "from append to command: median ", std::chrono::duration<double, std::milli>(delays[10]).count(),
        " ms");
    CHECK(delays[10] < 50ms);
    auto const begin = clock_type::now();
    runner.stop();
    CHECK(clock_type::now() - begin < 5s);
}

TEST_CASE("an idle runner wakes for the next deadline") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri()};
    converge::runner_options options{.longest_sleep = 1h};
    options.now = [] { // the deadline of a quarter of an hour is due in half a second
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now() + 15min - 500ms);
    };
    running runner{server, options};
    place(store, "1");
    CHECK(runner.handles(1));
    auto const timeouts = [&] {
        std::size_t count = 0;
        store.read("payments", 0, 10, "payments", [&](converge::event_view const& event) {
            count += event.name == "payment_timed_out" ? 1U : 0U;
        });
        return count;
    };
    for (auto const end = clock_type::now() + 20s; timeouts() == 0 && clock_type::now() < end;)
        std::this_thread::sleep_for(10ms);
    CHECK(timeouts() == 1);
}
