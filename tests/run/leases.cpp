// SPDX-License-Identifier: MIT
#include <converge/run/worker_leases.hpp>
#include <converge/store/memory.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

// Who has which partitions, without anything to do in them.
namespace {

/// A memory store that does what a test asks for in the middle of a look.
class interrupted_store {
public:
    converge::memory_store inner;
    std::function<void(std::string_view prefix)> after_reading = [](std::string_view) {};
    std::function<void(std::string_view name)> before_writing = [](std::string_view) {};

    auto find_record(std::string_view name) { return inner.find_record(name); }
    auto find_records(std::string_view prefix) {
        auto found = inner.find_records(prefix);
        auto const call = after_reading; // which may replace itself
        call(prefix);
        return found;
    }
    auto write_record(std::string_view name, converge::record_revision expected, std::string_view value) {
        auto const call = before_writing;
        call(name);
        return inner.write_record(name, expected, value);
    }
    bool remove_record(std::string_view name, converge::record_revision expected) {
        return inner.remove_record(name, expected);
    }
};

using leases = converge::detail::worker_leases<interrupted_store>;
using time_point = std::chrono::steady_clock::time_point;

constexpr auto lease_duration = 12s;

/// A worker that has leases and nothing else. What it is to give back it gives back at once.
class holder {
public:
    holder(interrupted_store& store, std::string const& name, std::uint32_t partitions, time_point const& now)
        : leases_{store, "order", name, partitions, lease_duration, [&now] { return now; }, [] {}},
          partitions_{partitions} {}

    void look() {
        leases_.look([this](std::uint32_t partition) { return !refused.contains(partition); });
        for (auto const each : std::exchange(leases_.changes().surplus, {}))
            CHECK(leases_.release(each));
        for (auto const each : std::exchange(leases_.changes().lost, {}))
            lost.push_back(each);
        leases_.changes().taken.clear();
    }
    std::set<std::uint32_t> held() const {
        std::set<std::uint32_t> all;
        for (std::uint32_t each = 0; each < partitions_; ++each)
            if (leases_.holds(each))
                all.insert(each);
        return all;
    }
    leases& operator*() { return leases_; }
    leases* operator->() { return &leases_; }

    std::set<std::uint32_t> refused;
    std::vector<std::uint32_t> lost;

private:
    leases leases_;
    std::uint32_t partitions_;
};

/// Whether every partition is held once.
bool holds_each_once(std::vector<holder*> const& all, std::uint32_t partitions) {
    std::size_t number = 0;
    std::set<std::uint32_t> together;
    for (auto const* each : all) {
        auto const held = each->held();
        number += held.size();
        together.insert(held.begin(), held.end());
    }
    return number == partitions && together.size() == partitions;
}

} // namespace

TEST_CASE("fair shares are all partitions together, differ by one at most, and change little") {
    for (std::uint32_t partitions = 0; partitions <= 70; ++partitions)
        for (std::uint32_t workers = 1; workers <= 75; ++workers) {
            std::uint32_t sum = 0;
            for (std::uint32_t rank = 0; rank < workers; ++rank) {
                auto const share = converge::detail::fair_share(partitions, workers, rank);
                sum += share;
                CHECK(share >= partitions / workers);
                CHECK(share <= partitions / workers + 1);
                if (rank > 0)
                    CHECK(share <= converge::detail::fair_share(partitions, workers, rank - 1));
                // One more worker, who comes last: nobody who was there before gets more.
                CHECK(converge::detail::fair_share(partitions, workers + 1, rank) <= share);
            }
            CHECK(sum == partitions);
        }
}

TEST_CASE("workers that join share the partitions, and one that leaves gives its own back") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "one", 10, now};
    one.look();
    CHECK(one.held().size() == 10);
    holder two{store, "two", 10, now};
    two.look();
    CHECK(two.held().empty()); // all are taken
    now += 4s;
    one.look();
    two.look();
    CHECK(one.held().size() == 5);
    CHECK(two.held().size() == 5);
    holder three{store, "three", 10, now};
    three.look();
    now += 4s;
    one.look();
    two.look();
    three.look();
    CHECK(one.held().size() == 4); // who is longest there has what is left over
    CHECK(two.held().size() == 3);
    CHECK(three.held().size() == 3);
    CHECK(holds_each_once({&one, &two, &three}, 10));
    two->leave();
    CHECK(two.held().empty());
    now += 4s;
    one.look();
    three.look();
    CHECK(one.held().size() == 5);
    CHECK(three.held().size() == 5);
    CHECK(holds_each_once({&one, &three}, 10));
}

TEST_CASE("a worker that gives no sign loses its partitions after the lease, by each observer's own clock") {
    interrupted_store store;
    time_point now{1s};
    time_point other_machine{1h}; // its clock has nothing to do with the first one's
    holder one{store, "one", 4, now};
    one.look();
    holder two{store, "two", 4, other_machine};
    two.look();
    other_machine += lease_duration - 1ms;
    two.look();
    CHECK(two.held().empty());
    other_machine += 1ms;
    two.look();
    CHECK(two.held().size() == 4);
    // The first one, as it goes on: by its own clock no time has passed at all.
    CHECK(one.held().size() == 4);
    auto const fences = one->fences();
    std::vector<converge::cursor> const cursors{{"reader", "module", 1}};
    CHECK_THROWS_AS(store.inner.save_cursors(cursors, fences), converge::store_error);
    one->hurry();
    one.look();
    CHECK(one.lost.size() == 4);
    CHECK(one.held().empty());
    two.look(); // sees that it is back
    other_machine += 4s;
    two.look();
    one.look();
    one.look();
    CHECK(holds_each_once({&one, &two}, 4));
    CHECK(one.held().size() == 2);
}

TEST_CASE("one sign of life within the lease is enough") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "one", 4, now};
    holder two{store, "two", 4, now};
    one.look();
    two.look();
    for (int times = 0; times < 20; ++times) {
        now += lease_duration - 1ms;
        one.look();
        two.look();
    }
    CHECK(one.lost.empty());
    CHECK(holds_each_once({&one, &two}, 4));
}

TEST_CASE("the fence of a partition is the same as long as it does not change hands") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "one", 3, now};
    one.look();
    auto const before = one->fences();
    for (int times = 0; times < 10; ++times) {
        now += 4s;
        one.look();
    }
    auto const after = one->fences();
    REQUIRE(before.size() == 3);
    REQUIRE(after.size() == 3);
    for (std::size_t each = 0; each < 3; ++each) {
        CHECK(before[each].record == after[each].record);
        CHECK(before[each].revision == after[each].revision);
    }
}

TEST_CASE("a worker trusts its lease for less time than the others wait") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "one", 3, now};
    CHECK(one->trusted_until() == time_point::min());
    one.look();
    CHECK(one->trusted_until() == now + 9s);
    now += 1s;
    one.look(); // not yet time for another sign
    CHECK(one->trusted_until() == now + 8s);
    now += 3s;
    one.look();
    CHECK(one->trusted_until() == now + 9s);
}

TEST_CASE("a worker that was taken for dead keeps what nobody has taken") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "one", 3, now};
    one.look();
    for (auto const& each : store.find_records("converge/workers/"))
        CHECK(store.remove_record(each.name, each.revision)); // as another worker does
    now += 4s;
    one.look();
    CHECK(one.lost.empty());
    CHECK(one.held().size() == 3);
    now += 4s;
    one.look();
    auto const fences = one->fences();
    CHECK(fences.size() == 3);
    store.inner.save_cursors({}, fences);
    // And the others see that it lives.
    holder two{store, "two", 3, now};
    two.look();
    for (int times = 0; times < 10; ++times) {
        now += 4s;
        one.look();
        two.look();
    }
    CHECK(one.lost.empty());
    CHECK(holds_each_once({&one, &two}, 3));
}

TEST_CASE("of two workers with one name the later stays, and the other one says so") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "twin", 3, now};
    one.look();
    holder two{store, "twin", 3, now};
    two.look();
    CHECK(two.held().empty());
    now += 4s;
    for (int times = 0; times < 2; ++times)
        try {
            one.look();
            FAIL("it went on");
        } catch (converge::store_error const& failed) {
            CHECK(failed.trouble() == converge::store_trouble::in_use);
            CHECK(std::string{failed.what()}.find("another worker 'twin' of process manager 'order'") == 0);
        }
    CHECK(one->changes().lost.size() == 3);
    CHECK(one.held().empty());
    now += lease_duration;
    two.look();
    CHECK(two.held().size() == 3);
}

TEST_CASE("a lease whose answer was lost is found again") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "one", 2, now};
    one.refused = {0, 1};
    one.look(); // joins, and takes nothing
    auto const joined = store.find_record("converge/workers/order/one")->revision;
    auto const value =
        R"({"worker":"one","joined":)" + std::to_string(joined) + R"(,"lease_milliseconds":12000})";
    for (auto const* name : {"converge/leases/order/0000", "converge/leases/order/0001"})
        CHECK(store.write_record(name, 0, value)); // it is in the store, but the worker does not know
    one.refused = {1};
    one.look();
    CHECK(one.held() == std::set<std::uint32_t>{0});
    // What it must not take is nobody's.
    CHECK(store.find_record("converge/leases/order/0001")->value.find(R"("worker":"")") != std::string::npos);
}

TEST_CASE("records of another process whose name begins with this one's are passed over") {
    interrupted_store store;
    time_point now{1s};
    leases other{store, "order/0001", "x", 7, lease_duration, [&now] { return now; }, [] {}};
    other.look([](std::uint32_t) { return true; });
    holder one{store, "one", 3, now};
    one.look();
    CHECK(one.held().size() == 3);
    now += 1h;
    one.look();
    CHECK(store.find_record("converge/workers/order/0001/x"));
}

TEST_CASE("a record that is none of ours is named") {
    interrupted_store store;
    time_point now{1s};
    CHECK(store.write_record("converge/leases/order/0001", 0, "mine!"));
    holder one{store, "one", 3, now};
    try {
        one.look();
        FAIL("it was read");
    } catch (converge::store_error const& failed) {
        CHECK(failed.trouble() == converge::store_trouble::corrupt);
        CHECK(
            std::string{failed.what()}.find(
                "record 'converge/leases/order/0001', revision 1, cannot be read") == 0);
    }
}

TEST_CASE("a sign of life that comes while another worker reads is not taken for none") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "one", 4, now};
    one.look();
    holder two{store, "two", 4, now};
    two.look();
    now += 4s;
    // The second one reads, and then stands still for long. Meanwhile the first one gives its signs.
    store.after_reading = [&](std::string_view prefix) {
        if (!prefix.starts_with("converge/leases"))
            return;
        store.after_reading = [](std::string_view) {};
        for (int times = 0; times < 4; ++times) {
            now += 4s;
            one.look();
        }
    };
    two.look();
    one.look();
    CHECK(one.lost.empty());
    for (std::uint32_t each = 0; each < 4; ++each)
        CHECK_FALSE((one->holds(each) && two->holds(each)));
}

TEST_CASE("a worker whose lease has passed takes it anew, so that nobody takes it who has seen that") {
    interrupted_store store;
    time_point now{1s};
    holder one{store, "one", 1, now};
    one.look();
    holder two{store, "two", 1, now};
    two.look();
    now += lease_duration;
    store.after_reading = [&](std::string_view prefix) {
        if (!prefix.starts_with("converge/leases"))
            return;
        store.after_reading = [](std::string_view) {};
        one.look();
    };
    two.look(); // it has read that the lease has passed
    CHECK(one.held().size() == 1);
    CHECK(now < one->trusted_until());
    CHECK(two.held().empty());
}

TEST_CASE("whatever workers do, no partition has two who trust their leases, and at rest each has one") {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        auto const below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); };
        interrupted_store store;
        time_point now{1s};
        auto const partitions = 1 + below(9);
        std::vector<std::unique_ptr<holder>> workers;
        std::uint32_t names = 0;
        for (int times = 0; times < 120; ++times) {
            now += std::chrono::milliseconds{below(5'000)};
            auto const choice = below(12);
            if (choice == 0 && workers.size() < 6) {
                workers.push_back(
                    std::make_unique<holder>(store, "w" + std::to_string(names++), partitions, now));
            } else if (!workers.empty()) {
                auto const at = below(static_cast<std::uint32_t>(workers.size()));
                if (choice == 1) {
                    (*workers[at])->leave();
                } else if (choice == 2) { // dies
                    workers.erase(workers.begin() + at);
                } else if (choice != 3) { // 3: is stopped for a while
                    workers[at]->look();
                }
            }
            for (std::uint32_t each = 0; each < partitions; ++each) {
                auto const trusting = std::ranges::count_if(workers, [&](auto const& worker) {
                    return (*worker)->holds(each) && now < (*worker)->trusted_until();
                });
                CHECK(trusting <= 1);
            }
        }
        if (workers.empty())
            workers.push_back(std::make_unique<holder>(store, "last", partitions, now));
        for (int times = 0; times < 30; ++times) {
            now += 1s;
            for (auto const& each : workers)
                each->look();
        }
        std::vector<holder*> all;
        for (auto const& each : workers) {
            all.push_back(each.get());
            auto const least = partitions / static_cast<std::uint32_t>(workers.size());
            CHECK(each->held().size() >= least);
            CHECK(each->held().size() <= least + 1);
        }
        CHECK(holds_each_once(all, partitions));
    }
}
