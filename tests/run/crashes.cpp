// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <run/died.hpp>
#include <run/order.hpp>

namespace {

template <class Store> void publish_some(Store& store) {
    for (int round = 0; round < 4; ++round)
        for (auto const* order : {"1", "2", "3", "4"}) {
            if (round == 0)
                place(store, order);
            if (round % 2 == 1)
                pay(store, order, 60);
            if (round == 2 && std::string_view{order} >= "3")
                cancel(store, order);
        }
}

template <class Store> std::vector<std::string> sorted_bookings(Store& store) {
    auto all = bookings(store);
    std::sort(all.begin(), all.end());
    return all;
}

/// Runs with a death before or after each write in turn, then goes on with a new runner, and compares with a
/// run that nothing disturbed. How many deaths there were.
template <class Store> std::size_t die_everywhere(bool after_the_write, bool same_runner_goes_on) {
    Store undisturbed;
    publish_some(undisturbed);
    converge::runner_options const options{.batch_size = 3};
    converge::make_runner<order_process>(undisturbed, bookkeeper{}, options).catch_up();
    auto const expected = standing(undisturbed.inner);
    auto const booked = sorted_bookings(undisturbed.inner);
    for (std::size_t survived = 0;; ++survived) {
        Store store;
        publish_some(store);
        std::size_t writes = 0;
        auto const die = [&] {
            if (writes++ == survived)
                throw died{};
        };
        (after_the_write ? store.after_write : store.before_write) = die;
        bool died_now = false;
        try {
            auto runner = converge::make_runner<order_process>(store, bookkeeper{}, options);
            try {
                runner.catch_up();
            } catch (died const&) {
                died_now = true;
                if (same_runner_goes_on)
                    runner.catch_up();
            }
        } catch (died const&) {
            died_now = true; // in the constructor
        }
        converge::make_runner<order_process>(store, bookkeeper{}, options).catch_up();
        CAPTURE(survived);
        CHECK(standing(store.inner) == expected);
        CHECK(sorted_bookings(store.inner) == booked);
        CHECK(steps(store.inner) == steps(undisturbed.inner));
        if (!died_now)
            return survived;
    }
}

} // namespace

TEST_CASE("a death at any write leaves nothing undone and nothing done twice") {
    CHECK(die_everywhere<batch_store>(false, false) > 10);
    CHECK(die_everywhere<batch_store>(true, false) > 10);
    CHECK(die_everywhere<bare_store>(false, false) > 20);
    CHECK(die_everywhere<bare_store>(true, false) > 20);
}

TEST_CASE("a store that fails at any write and comes back is gone on with") {
    CHECK(die_everywhere<batch_store>(false, true) > 10);
    CHECK(die_everywhere<batch_store>(true, true) > 10);
    CHECK(die_everywhere<bare_store>(false, true) > 20);
    CHECK(die_everywhere<bare_store>(true, true) > 20);
}

TEST_CASE("ids of commands depend on where they come from, and on nothing else") {
    auto const ids = [] {
        converge::memory_store store;
        publish_some(store);
        std::vector<converge::event_id> seen;
        auto runner = converge::make_runner<order_process>(
            store, [&](auto const&, auto& context) { seen.push_back(context.id()); });
        runner.catch_up();
        return seen;
    };
    auto const once = ids();
    CHECK(once.size() > 8);
    CHECK(once == ids());
    auto sorted = once;
    std::sort(sorted.begin(), sorted.end());
    CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
}

TEST_CASE("ids of steps depend on the event and the instance, and on nothing else") {
    auto const ids = [] {
        converge::memory_store store;
        publish_some(store);
        converge::make_runner<order_process>(store, bookkeeper{}).catch_up();
        std::vector<converge::event_id> seen;
        store.read("orders", 0, ~std::size_t{0}, "orders", [&](converge::event_view const& event) {
            if (event.name == converge::step_event_name)
                seen.push_back(event.id);
        });
        return seen;
    };
    auto const once = ids();
    CHECK(once.size() > 8);
    CHECK(once == ids());
}
