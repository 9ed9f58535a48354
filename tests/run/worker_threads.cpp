// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <run/order.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

// Workers in threads of one program, each with a handler that is called by several threads, on one store.
namespace {

/// Counts the calls of each command, and whether one instance has two at a time.
class supervisor {
public:
    void begin(std::string const& order, std::string const& command) {
        std::scoped_lock const lock{guard_};
        ++calls_[command];
        overlapped_ |= !present_.insert(order).second;
    }
    void end(std::string const& order) {
        std::scoped_lock const lock{guard_};
        present_.erase(order);
    }
    std::size_t commands() const {
        std::scoped_lock const lock{guard_};
        return calls_.size();
    }
    int most_calls() const {
        std::scoped_lock const lock{guard_};
        int most = 0;
        for (auto const& [command, times] : calls_)
            most = std::max(most, times);
        return most;
    }
    bool overlapped() const {
        std::scoped_lock const lock{guard_};
        return overlapped_;
    }

private:
    mutable std::mutex guard_;
    std::map<std::string, int> calls_;
    std::set<std::string> present_;
    bool overlapped_ = false;
};

struct supervised {
    supervisor* by;
    std::chrono::microseconds takes{};

    template <class Command> void operator()(Command const& command, auto& context) const {
        by->begin(command.order, to_string(context.id()));
        if (takes.count() > 0)
            std::this_thread::sleep_for(takes);
        bookkeeper{}(command, context);
        by->end(command.order);
    }
};

converge::worker_options options(std::string name, std::size_t threads) {
    converge::worker_options made;
    made.partitions = 8;
    made.worker = std::move(name);
    made.lease_duration = 20s; // nobody loses anything, however slow the machine
    made.running.batch_size = 16;
    made.running.poll_interval = 1ms;
    made.running.concurrent_commands = threads;
    return made;
}

} // namespace

TEST_CASE(
    "workers in threads share a memory store: each event and command once, also when some come and go") {
    converge::memory_store store;
    supervisor all;
    std::atomic<std::size_t> steps_of_workers{0};
    auto const work = [&](std::string const& name, std::size_t threads) {
        return std::jthread{[&, name, threads](std::stop_token const& stop) {
            auto worker =
                converge::make_worker<order_process>(store, supervised{&all, 200us}, options(name, threads));
            // In place of `run`, which would wait for a third of the lease before it looks for others.
            while (!stop.stop_requested())
                if (!worker.work(stop))
                    std::this_thread::sleep_for(1ms);
            worker.leave();
            steps_of_workers += worker.counts().steps;
        }};
    };
    std::vector<std::jthread> workers;
    workers.push_back(work("one", 1));
    workers.push_back(work("two", 4));
    constexpr int orders = 300;
    for (int each = 0; each < orders; ++each) {
        place(store, std::to_string(each));
        if (each == 100)
            workers.push_back(work("three", 2));
        if (each == 200)
            workers.erase(workers.begin()); // leaves
        if (each % 10 == 0)
            std::this_thread::sleep_for(1ms);
    }
    auto const until = std::chrono::steady_clock::now() + 60s;
    while (bookings(store).size() < orders && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    workers.clear();
    CHECK(bookings(store).size() == orders);
    CHECK(all.commands() == orders);
    CHECK(all.most_calls() == 1);
    CHECK_FALSE(all.overlapped());
    CHECK(steps_of_workers == orders);
    CHECK(steps(store) == orders);
    CHECK(store.find_records("converge/workers/").empty());
}

TEST_CASE("a worker that loses a partition does not wait for its handlers, and drops what they do") {
    converge::memory_store store;
    std::atomic<bool> goes_on{false};
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
    auto const handler = [&](auto const& command, auto& context) {
        ++begun;
        while (!goes_on)
            std::this_thread::sleep_for(1ms);
        bookkeeper{}(command, context);
        ++ended;
    };
    auto chosen = options("one", 2);
    chosen.partitions = 1;
    auto one = converge::make_worker<order_process>(store, handler, chosen);
    place(store, "1");
    place(store, "2");
    place(store, "3");
    place(store, "4");
    while (begun < 2)
        (void)one.work();
    // As another worker does when the lease has passed.
    auto const lease = store.find_record("converge/leases/order/0000").value();
    CHECK(
        store.write_record(lease.name, lease.revision, R"({"worker":"","joined":0,"lease_milliseconds":0})"));
    place(store, "5");
    auto const before = std::chrono::steady_clock::now();
    (void)one.work();
    CHECK(std::chrono::steady_clock::now() - before < 5s);
    CHECK(one.partitions().empty()); // not even again, while they are running
    CHECK(ended == 0);
    goes_on = true;
    while (ended < 2)
        std::this_thread::sleep_for(1ms);
    CHECK(bookings(store).empty());
    one.catch_up();
    CHECK(bookings(store).empty());
    CHECK(begun == 2); // those that no thread had begun were not begun
    // Another one does it all.
    chosen.worker = "two";
    one.leave();
    auto two = converge::make_worker<order_process>(store, bookkeeper{}, chosen);
    two.catch_up();
    CHECK(bookings(store).size() == 5);
}
