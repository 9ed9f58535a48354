// SPDX-License-Identifier: MIT
#include <converge/describe/mermaid.hpp>
#include <converge/describe/permutations.hpp>

#include <doctest/doctest.h>

#include <examples/order_fulfilment/process.hpp>
#include <set>
#include <string>
#include <vector>

using namespace order_fulfilment;

TEST_CASE("the three events of an order have six orders, and one end") {
    auto const all = converge::permutations<order_process>(
        payments::payment_received{"42", 4200}, payments::payment_timed_out{"42"},
        orders::order_cancelled{"42"});
    REQUIRE(all.size() == 6);
    std::set<std::vector<std::string>> orders;
    for (auto const& each : all) {
        orders.insert(each.events);
        CHECK(each.same_end(all.front()));
        CHECK(each.states == std::vector<std::string>{"unknown", "paid", "cancelled", "waiting"});
        CHECK(each.stands == std::vector<std::string>{"refund_payment 4200"});
    }
    CHECK(orders.size() == 6);
}

TEST_CASE("the table has a row for each order") {
    CHECK(
        converge::permutation_table<order_process>(
            payments::payment_received{"42", 5}, orders::order_placed{"42"}) ==
        "| order of events                | placement | payment | cancellation | picking | stands at the end "
        "|\n"
        "|--------------------------------|-----------|---------|--------------|---------|-------------------"
        "|\n"
        "| payment_received, order_placed | placed    | paid    | open         | waiting | pick_item         "
        "|\n"
        "| order_placed, payment_received | placed    | paid    | open         | waiting | pick_item         "
        "|\n");
}

TEST_CASE("coffee over a picked item: every order of picking, spilling and picking again ships once") {
    auto const all = converge::permutations<order_process>(
        orders::order_placed{"42"}, payments::payment_received{"42", 4200}, warehouse::item_picked{"42", 1},
        warehouse::coffee_spilled{"42", 1}, warehouse::item_picked{"42", 2});
    REQUIRE(all.size() == 120);
    for (auto const& each : all) {
        CHECK(each.same_end(all.front()));
        CHECK(each.stands == std::vector<std::string>{"pick_item", "ship_order"});
    }
}

TEST_CASE("an order that waits for its money has a deadline") {
    auto const all = converge::permutations<order_process>(orders::order_placed{"42"});
    REQUIRE(all.size() == 1);
    CHECK(all.front().stands == std::vector<std::string>{"deadline of payment_timed_out"});
}

TEST_CASE("a machine as Mermaid text") {
    CHECK(
        converge::mermaid<order_fulfilment::payment>() ==
        "stateDiagram-v2\n"
        "    state \"awaiting\" as payment_awaiting\n"
        "    state \"paid\" as payment_paid\n"
        "    state \"expired\" as payment_expired\n"
        "    [*] --> payment_awaiting\n"
        "    payment_awaiting --> payment_paid : payment_received\n"
        "    payment_awaiting --> payment_expired : payment_timed_out\n"
        "    payment_expired --> payment_paid : payment_received\n");
}

TEST_CASE("a process as Mermaid text has its machines side by side") {
    auto const text = converge::mermaid<order_process>();
    CHECK(text.starts_with("stateDiagram-v2\n    state \"order\" as process {\n"));
    for (auto const* line :
         {"[*] --> placement_unknown", "payment_expired --> payment_paid : payment_received",
          "cancellation_open --> cancellation_cancelled : order_cancelled",
          "picking_waiting --> picking_begun : coffee_spilled"})
        CHECK_MESSAGE(text.find(line) != std::string::npos, line);
    std::size_t between = 0;
    for (auto at = text.find("\n        --\n"); at != std::string::npos;
         at = text.find("\n        --\n", at + 1))
        ++between;
    CHECK(between == 3);
}
