// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <run/died.hpp>
#include <run/order.hpp>

// An instance remembers the last position it has handled. So nothing may be recorded of it while an event
// before is neither recorded nor parked. The simulation found each of these.
namespace {

/// A store whose look-ups fail when a test says so.
class failing_lookups : public bare_store {
public:
    std::size_t fails_at = ~std::size_t{0};
    auto last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) {
        if (fails_at-- == 0)
            throw converge::store_error{converge::store_trouble::busy, "busy"};
        return inner.last_of_stream(module, stream, viewer);
    }
};

} // namespace

TEST_CASE("a death between what is parked and the steps of its batch loses neither") {
    for (std::size_t survived = 0; survived < 12; ++survived) {
        CAPTURE(survived);
        bare_store store;
        pay(store, "1", 70);
        pay(store, "1", 40);
        much_is_paid::throws_at = 70; // the first payment is parked, the second has a step
        std::size_t writes = 0;
        store.before_write = [&] {
            if (writes++ == survived)
                throw died{};
        };
        try {
            auto runner = converge::make_runner<order_process>(store, bookkeeper{});
            runner.catch_up();
        } catch (died const&) {
            CHECK(writes == survived + 1);
        }
        store.before_write = [] {};
        much_is_paid::throws_at = -1;
        auto runner = converge::make_runner<order_process>(store, bookkeeper{});
        runner.catch_up();
        runner.replay_parked();
        runner.catch_up();
        CHECK(standing(store.inner).at("1") == "unknown paid open 110 0");
        CHECK(runner.parked().empty());
    }
}

TEST_CASE("a look-up that fails in the middle of a batch leaves the same runner to begin it again") {
    failing_lookups store;
    for (auto const* order : {"1", "2", "3"})
        place(store, order);
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    store.fails_at = 2; // the third instance
    CHECK_THROWS_AS(runner.catch_up(), converge::store_error);
    runner.catch_up();
    CHECK(standing(store).size() == 3);
    CHECK(bookings(store) == std::vector<std::string>{"1: greet", "2: greet", "3: greet"});
}

TEST_CASE("what is parked is not replayed before the events that come before it are looked at") {
    bare_store store;
    pay(store, "1", 40);
    pay(store, "1", 30);
    much_is_paid::throws_at = 70; // the second payment is parked
    store.after_write = [&, writes = 0]() mutable {
        if (++writes == 2) // the declaration, and what is parked: the first payment's step is not there
            throw died{};
    };
    CHECK_THROWS_AS(converge::make_runner<order_process>(store, bookkeeper{}).catch_up(), died);
    store.after_write = [] {};
    much_is_paid::throws_at = -1;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    CHECK(runner.parked().size() == 1);
    CHECK(runner.replay_parked() == 0);
    runner.catch_up();
    CHECK(runner.replay_parked() == 1);
    runner.catch_up();
    CHECK(standing(store.inner).at("1") == "unknown paid open 70 0");
    CHECK(steps(store.inner) == 2);
}
