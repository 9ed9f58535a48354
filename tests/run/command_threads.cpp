// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <run/order.hpp>
#include <set>
#include <thread>

using namespace std::chrono_literals;

// Commands handed over by several threads at a time.
namespace {

/// Counts who is in the handler, and keeps those who come until so many are there at once.
class meeting {
public:
    explicit meeting(std::size_t expected) : expected_{expected} {}

    void attend(std::string const& order, std::string const& command) {
        std::unique_lock lock{guard_};
        if (!present_.insert(order).second)
            overlapped_ = true;
        most_ = std::max(most_, present_.size());
        calls_[order].push_back(command);
        together_.notify_all();
        together_.wait_for(lock, 10s, [&] { return most_ >= expected_; });
        present_.erase(order);
    }
    std::size_t most() const { return most_; }
    bool overlapped() const { return overlapped_; }
    std::map<std::string, std::vector<std::string>> const& calls() const { return calls_; }

private:
    std::mutex guard_;
    std::condition_variable together_;
    std::size_t expected_;
    std::size_t most_ = 0;
    bool overlapped_ = false;
    std::set<std::string> present_;
    std::map<std::string, std::vector<std::string>> calls_;
};

} // namespace

TEST_CASE("commands of different instances are handled at a time, as many as the options say") {
    converge::memory_store store;
    meeting all{4};
    for (int number = 0; number < 40; ++number)
        place(store, std::to_string(number));
    auto runner = converge::make_runner<order_process>(
        store,
        [&](auto const& command, auto& context) {
            all.attend(command.order, std::string{converge::wire_name_of<std::decay_t<decltype(command)>>});
            bookkeeper{}(command, context);
        },
        {.concurrent_commands = 4});
    runner.catch_up();
    CHECK(all.most() == 4); // they met: four at a time; and never five
    CHECK(runner.counts().commands == 40);
    CHECK(bookings(store).size() == 40);
    CHECK(store.load_cursor("order.commands", "orders") == store.head("orders"));
}

TEST_CASE("commands of one instance are handled one after the other, in their order, by whatever thread") {
    batch_store store;
    meeting all{1};
    std::atomic<std::size_t> calls{0};
    for (auto const* order : {"1", "2", "3"}) {
        place(store, order);
        for (int payments = 0; payments < 100; ++payments)
            pay(store, order, 60);
        cancel(store, order);
    }
    for (int payments = 0; payments < 100; ++payments)
        pay(store, "2", 60); // a refund each
    auto runner = converge::make_runner<order_process>(
        store,
        [&](auto const& command, auto& context) {
            all.attend(command.order, std::to_string(context.step()));
            if (++calls % 7 == 0)
                throw std::runtime_error{"now and then"};
            bookkeeper{}(command, context);
        },
        {.batch_size = 16,
         .command_attempts = 20,
         .first_retry_after = 1ms,
         .longest_retry_after = 2ms,
         .concurrent_commands = 8});
    runner.catch_up();
    CHECK_FALSE(all.overlapped());
    CHECK(runner.parked().empty());
    CHECK(all.calls().size() == 3);
    for (auto const& [order, steps] : all.calls()) {
        auto numbers = std::vector<std::uint64_t>{};
        for (auto const& each : steps)
            numbers.push_back(std::stoull(each));
        CHECK(std::ranges::is_sorted(numbers));
    }
    // Once each: the ids of what was appended are those of the commands.
    CHECK(runner.counts().commands == bookings(store).size());
}

TEST_CASE("a stop waits for the handlers that are running, begins no further one, and loses nothing") {
    bare_store store;
    std::atomic<std::size_t> begun{0};
    std::atomic<bool> go_on{false};
    for (int number = 0; number < 100; ++number)
        place(store, std::to_string(number));
    auto const handler = [&](auto const& command, auto& context) {
        ++begun;
        while (!go_on)
            std::this_thread::sleep_for(1ms);
        bookkeeper{}(command, context);
    };
    {
        auto runner = converge::make_runner<order_process>(store, handler, {.concurrent_commands = 3});
        std::jthread working{[&](std::stop_token const& stop) { runner.run(stop); }};
        while (begun < 3)
            std::this_thread::sleep_for(1ms);
        working.request_stop();
        std::this_thread::sleep_for(500ms); // for the runner to see it, however busy the machine
        go_on = true;
        working.join();
        CHECK(begun == 3);
        CHECK(runner.counts().commands == 3);
    }
    CHECK(bookings(store).size() == 3);
    auto runner = converge::make_runner<order_process>(store, handler, {.concurrent_commands = 3});
    runner.catch_up();
    CHECK(bookings(store).size() == 100);
}

TEST_CASE("a running runner writes at once what a thread has done, and can be moved before") {
    converge::memory_store store;
    auto made = converge::make_runner<order_process>(
        store, bookkeeper{}, {.poll_interval = 1h, .concurrent_commands = 2});
    place(store, "1");
    auto runner = std::move(made);
    std::jthread const working{[&](std::stop_token const& stop) { runner.run(stop); }};
    auto const end = std::chrono::steady_clock::now() + 20s;
    while (bookings(store).empty() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(1ms);
    CHECK(bookings(store) == std::vector<std::string>{"1: greet"});
}

TEST_CASE("a runner may end while its threads have commands in hand: they are handed over again") {
    bare_store store;
    for (int number = 0; number < 20; ++number)
        place(store, std::to_string(number));
    std::atomic<std::size_t> begun{0};
    {
        auto runner = converge::make_runner<order_process>(
            store,
            [&](auto const&) {
                ++begun;
                std::this_thread::sleep_for(5ms);
            },
            {.concurrent_commands = 2});
        while (begun == 0)
            (void)runner.work();
    }
    CHECK(begun < 20);
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, {.concurrent_commands = 2});
    runner.catch_up();
    // What the first runner handed over and noted is not handed over again, and the rest is: none is lost.
    CHECK(bookings(store).size() + begun >= 20);
}
