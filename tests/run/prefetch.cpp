// SPDX-License-Identifier: MIT
#include <converge/store/prefetching_log.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <run/order.hpp>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// A runner tells the store which batch it will read next.
namespace {

/// Notes what is asked for, and whether it comes.
class prefetching_store : public batch_store {
public:
    using question = std::tuple<std::string, converge::position, std::size_t, std::string>;

    mutable std::optional<question> awaited;
    mutable std::size_t came = 0;
    mutable std::size_t dropped = 0;
    mutable std::size_t missed = 0; ///< reads on, where a whole batch had ended, that nobody had told of

    void prefetch(
        std::string_view module, converge::position after, std::size_t limit,
        std::string_view viewer) const noexcept {
        question asked{module, after, limit, viewer};
        dropped += awaited && awaited != asked ? 1U : 0U;
        awaited = std::move(asked);
    }
    template <class Visitor>
    converge::position read(
        std::string_view module, converge::position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        std::size_t seen = 0;
        auto const through = batch_store::read(module, after, limit, viewer, [&](auto const& event) {
            ++seen;
            visit(event);
        });
        question const asked{module, after, limit, viewer};
        if (awaited == asked) {
            awaited.reset();
            ++came;
        } else if (goes_on_.erase(asked) != 0)
            ++missed;
        if (seen == limit)
            goes_on_.emplace(module, through, limit, viewer);
        return through;
    }

private:
    mutable std::set<question> goes_on_;
};
static_assert(converge::prefetching_log<prefetching_store> && !converge::prefetching_log<batch_store>);

/// Its events alone: other parts of a runner read the log of the orders too.
void take_all_events(prefetching_store& store, std::size_t batch_size) {
    using context = converge::detail::runner_context<converge::no_observer>;
    context shared{{.batch_size = batch_size}, {}};
    shared.partitions.take(0);
    converge::detail::event_worker<order_process, prefetching_store, converge::json_codec, context> events{
        store, {}, shared};
    events.take(0);
    converge::detail::fresh_steps for_commands{0, batch_size};
    while (events.work(for_commands, [] {})) {
    }
}

} // namespace

TEST_CASE("a runner tells its store each batch that it will read, and no other") {
    constexpr std::size_t batch = 10;
    std::size_t orders = 0;
    std::size_t payments = 0;
    SUBCASE("of one module") { orders = 45; }
    SUBCASE("whole batches") { orders = 40; }
    SUBCASE("of two modules") { orders = 45, payments = 48; }
    SUBCASE("of which one is the longer") { orders = 25, payments = 93; }
    SUBCASE("of which the other is the longer") { orders = 93, payments = 25; }
    SUBCASE("less than a batch") { orders = 4; }
    prefetching_store store;
    converge::memory_store reference;
    auto const publish = [&](auto& to) {
        for (std::size_t number = 0; number < orders; ++number)
            place(to, std::to_string(number));
        for (std::size_t number = 0; number < payments; ++number)
            pay(to, std::to_string(number), 10);
    };
    publish(store);
    publish(reference);
    take_all_events(store, batch);
    CHECK(store.missed == 0);
    CHECK(store.dropped == 0);
    CHECK_FALSE(store.awaited.has_value());
    // The log of the orders has the steps too.
    CHECK(store.came == (2 * orders + payments) / batch + payments / batch);

    converge::make_runner<order_process>(store, bookkeeper{}).catch_up();
    converge::make_runner<order_process>(reference, bookkeeper{}).catch_up();
    CHECK(standing(store) == standing(reference));
    CHECK(bookings(store) == bookings(reference));
}
