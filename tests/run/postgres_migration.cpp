// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/store/postgres.hpp>

#include <doctest/doctest.h>

#include <run/fixtures/shop_stores.hpp>
#include <servers.hpp>

namespace shop {

TEST_CASE(
    "instances in PostgreSQL are migrated in place, while no runner of the old declaration is at work") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    converge::postgres_store store{server.uri()};
    run_first_version(store);
    converge::postgres_store other{server.uri()};
    {
        auto const runner = converge::make_runner<one::order>(other, bookkeeper{});
        CHECK_THROWS_AS(converge::migrate<from_one_to_two>(store), converge::store_error);
    }
    CHECK(converge::migrate<from_one_to_two, from_two_to_three>(store, {.batch_size = 4}).instances == 10);
    CHECK(converge::migrate<from_one_to_two, from_two_to_three>(other).instances == 0);
    CHECK_THROWS_AS((void)converge::make_runner<one::order>(other, bookkeeper{}), converge::process_changed);
    cancel(store, "3");
    converge::make_runner<three::order>(store, bookkeeper{}).catch_up();

    converge::memory_store reference;
    copy_events(store, reference);
    converge::make_runner<three::order>(reference, bookkeeper{}).catch_up();
    CHECK(standing<three::order>(store) == standing<three::order>(reference));
    auto booked = balance(store);
    CHECK(
        booked.at("3: recall") ==
        1); // had been sent: the first version shipped before the order was cancelled
    booked.erase("3: recall");
    booked.erase("3: ship");
    auto expected = balance(reference);
    expected.erase("3: recall");
    expected.erase("3: ship");
    CHECK(booked == expected);
}

} // namespace shop
