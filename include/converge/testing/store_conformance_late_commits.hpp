// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_concurrency.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

// G3 where transactions commit in another order than they began: what takes its number first may become
// visible last.
namespace converge::testing::detail {

/// A reader that follows the module "orders" in a thread of its own.
template <class Fixture> class follower {
public:
    explicit follower(Fixture& fixture)
        : thread_{[this, &fixture] {
              auto store = fixture.open();
              // After the last look at `stopped_` once more: what was written before the stop is read.
              for (auto last = false; !last;) {
                  last = stopped_;
                  at_ = store.read("orders", at_, 3, "orders", [&](event_view const& each) {
                      seen_.emplace_back(each);
                      ++count_;
                  });
                  last = last && at_ >= store.head("orders");
                  std::this_thread::yield();
              }
          }} {}
    follower(follower const&) = delete;
    follower& operator=(follower const&) = delete;
    ~follower() {
        stopped_ = true;
        if (thread_.joinable())
            thread_.join();
    }

    std::size_t count() const { return count_; }
    /// Whether it has seen that many events within a generous time.
    bool sees(std::size_t count) const {
        using namespace std::chrono_literals;
        for (auto const end = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < end;
             std::this_thread::sleep_for(1ms))
            if (count_ >= count)
                return true;
        return false;
    }
    /// Everything it has seen, when it is at the end.
    std::vector<recorded_event> const& stop() {
        stopped_ = true;
        thread_.join();
        return seen_;
    }

private:
    std::vector<recorded_event> seen_;
    position at_ = 0;
    std::atomic<std::size_t> count_{0};
    std::atomic<bool> stopped_{false};
    std::thread thread_;
};

inline constexpr std::chrono::milliseconds a_while{30};

template <class Store> void append_one(Store& store, std::string_view stream, std::uint64_t number) {
    auto const event = event_of(number);
    CHECK(store.append({"orders", stream, expected_version::any(), {&event, 1}}).has_value());
}
template <class Transaction> void hold_one(Transaction& held, std::string_view stream, std::uint64_t number) {
    auto const event = event_of(number);
    held.append({"orders", stream, expected_version::any(), {&event, 1}});
}

/// What a follower saw is what is there, in the same order: it passed nothing by.
template <class Fixture> void check_seen(Fixture& fixture, follower<Fixture>& reader, std::size_t count) {
    auto const& seen = reader.stop();
    auto store = fixture.open();
    CHECK(seen.size() == count);
    CHECK(ids_of(seen) == ids_of(all_of(store, "orders")));
}

/// The first writer is slow to commit; a second one comes, and commits as soon as it can.
template <class Fixture> void slow_before_fast(Fixture& fixture) {
    auto store = fixture.open();
    append_one(store, "before", 1);
    follower<Fixture> reader{fixture};
    CHECK(reader.sees(1));
    auto slow = fixture.begin();
    hold_one(slow, "slow", 2);
    std::thread fast{[&] { append_one(store, "fast", 3); }};
    std::this_thread::sleep_for(a_while);
    slow.commit();
    fast.join();
    CHECK(reader.sees(3));
    check_seen(fixture, reader, 3);
}

/// The first writer gives up; its number may be a gap, which stops nobody.
template <class Fixture> void rolled_back_before_fast(Fixture& fixture) {
    auto store = fixture.open();
    follower<Fixture> reader{fixture};
    auto slow = fixture.begin();
    hold_one(slow, "slow", 1);
    std::thread fast{[&] { append_one(store, "fast", 2); }};
    std::this_thread::sleep_for(a_while);
    slow.roll_back();
    fast.join();
    CHECK(reader.sees(1));
    append_one(store, "slow", 1); // the id that was rolled back is new
    append_one(store, "fast", 3);
    CHECK(reader.sees(3));
    check_seen(fixture, reader, 3);
}

/// Three transactions that overlap and end in different ways and in another order than they began.
template <class Fixture> void three_interleaved(Fixture& fixture) {
    for (std::uint64_t round = 0; round < 4; ++round) {
        auto const first_number = 10 * round;
        auto fresh = fixture.open();
        auto const before = all_of(fresh, "orders").size();
        follower<Fixture> reader{fixture};
        auto first = fixture.begin();
        hold_one(first, "first", first_number + 1);
        std::thread second{[&] {
            auto held = fixture.begin();
            hold_one(held, "second", first_number + 2);
            std::this_thread::sleep_for(a_while / 2);
            hold_one(held, "second", first_number + 3);
            round % 2 == 0 ? held.commit() : held.roll_back();
        }};
        std::thread third{[&] {
            auto held = fixture.begin();
            hold_one(held, "third", first_number + 4);
            round / 2 % 2 == 0 ? held.commit() : held.roll_back();
        }};
        std::this_thread::sleep_for(a_while / 2);
        hold_one(first, "first", first_number + 5);
        first.commit();
        second.join();
        third.join();
        auto const written = 2 + (round % 2 == 0 ? 2U : 0U) + (round / 2 % 2 == 0 ? 1U : 0U);
        CHECK(reader.sees(before + written));
        check_seen(fixture, reader, before + written);
    }
}

/// A transaction that nobody ends: readers go on meanwhile, and writers when it is gone.
template <class Fixture> void one_left_open(Fixture& fixture) {
    auto store = fixture.open();
    append_one(store, "before", 1);
    follower<Fixture> reader{fixture};
    {
        auto left = fixture.begin();
        hold_one(left, "left", 2);
        CHECK(reader.sees(1));
        CHECK(ids_of(all_of(store, "orders")) == std::vector{id_of(1)});
        CHECK(read(store, "bills", 0, no_limit, "bills").through == 0);
    }
    append_one(store, "after", 3);
    append_one(store, "left", 2);
    CHECK(reader.sees(3));
    check_seen(fixture, reader, 3);
}

} // namespace converge::testing::detail
