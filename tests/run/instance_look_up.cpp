// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdint>
#include <run/order.hpp>
#include <string>
#include <utility>
#include <vector>

// Where the store can look up many instances in one call, a runner has those of a batch looked up together.
namespace {

constexpr std::int64_t orders_of_a_batch = 40;

template <class Store> void place_and_pay_all(Store& store) {
    for (std::int64_t number = 0; number < orders_of_a_batch; ++number) {
        place(store, std::to_string(number));
        pay(store, std::to_string(number), 30 * number);
        pay(store, std::to_string(number), 30);
    }
}

} // namespace

TEST_CASE("the instances of a batch are looked up in one call") {
    lookup_store store;
    batch_store reference;
    place_and_pay_all(store);
    place_and_pay_all(reference);
    converge::make_runner<order_process>(store, bookkeeper{}).catch_up();
    converge::make_runner<order_process>(reference, bookkeeper{}).catch_up();
    CHECK(standing(store) == standing(reference));
    CHECK(bookings(store) == bookings(reference));
    CHECK(store.looked_up_together == std::vector<std::size_t>{orders_of_a_batch});
    CHECK(store.looked_up == 1); // for the declaration
}

TEST_CASE("what is in the cache is not looked up, and what has left it is, once a batch") {
    lookup_store store;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, {.cached_instances = 2});
    for (auto const* order : {"1", "2", "1", "3"})
        pay(store, order, 5);
    runner.catch_up();
    CHECK(store.looked_up_together == std::vector<std::size_t>{3});
    for (auto const* order : {"3", "1", "1", "4"}) // one of the first three has left
        pay(store, order, 5);
    runner.catch_up();
    CHECK(store.looked_up_together.size() == 2);
    CHECK(store.looked_up_together.back() < 4);
    CHECK(converge::read_instance<order_process>(store, "1")->version == 4);
}

TEST_CASE("an instance that was not there when it was looked up does not hide another runner's steps") {
    lookup_store store;
    place_and_pay_all(store);
    // Another runner works on the same log, without the lock, when this one has looked: it records all, or
    // some.
    std::size_t batch = 0;
    SUBCASE("of which it records all") { batch = 512; }
    SUBCASE("of which it records some") { batch = 7; }
    batch_store other;
    other.inner = store.inner;
    auto second = converge::make_runner<order_process>(other, bookkeeper{}, {.batch_size = batch});
    std::size_t races = 0;
    store.after_lookup = [&] {
        if (races < 3) {
            ++races;
            second.work();
        }
    };
    auto first = converge::make_runner<order_process>(store, bookkeeper{});
    first.catch_up();
    second.catch_up();
    CHECK(races > 0);
    CHECK(first.counts().conflicts + first.counts().redelivered > 0);
    batch_store alone;
    place_and_pay_all(alone);
    converge::make_runner<order_process>(alone, bookkeeper{}).catch_up();
    CHECK(standing(store) == standing(alone));
    CHECK(steps(store) == steps(alone));
    CHECK(bookings(store).size() == bookings(alone).size());
}

TEST_CASE("an event that changes nothing is taken for an instance that has moved on meanwhile") {
    lookup_store store;
    place(store, "1");
    cancel(store, "1");
    auto first = converge::make_runner<order_process>(store, bookkeeper{});
    first.catch_up(); // it has the instance as it is now
    batch_store other;
    other.inner = store.inner;
    auto second = converge::make_runner<order_process>(other, bookkeeper{});
    pay(store, "1", 150);
    second.catch_up();   // and the other one moves it on
    cancel(store, "1");  // to the first one, this changes nothing
    pay(store, "1", 50); // but this does, and it finds out
    first.catch_up();
    second.catch_up();
    CHECK(first.counts().unchanged > 0);
    batch_store alone;
    place(alone, "1");
    cancel(alone, "1");
    pay(alone, "1", 150);
    cancel(alone, "1");
    pay(alone, "1", 50);
    converge::make_runner<order_process>(alone, bookkeeper{}).catch_up();
    CHECK(standing(store) == standing(alone));
    CHECK(steps(store) == steps(alone));
    CHECK(bookings(store).size() == bookings(alone).size());
}
