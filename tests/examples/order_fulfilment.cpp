// SPDX-License-Identifier: MIT
#include <converge/testing/doctest.hpp>
#include <converge/testing/explore.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <examples/order_fulfilment/process.hpp>

// The example's process, as its author would test it.
using namespace order_fulfilment;
using namespace orders;
using namespace payments;
using namespace warehouse;
using namespace std::chrono_literals;
using converge::testing::given;

TEST_CASE("an order that is paid is picked, and shipped when an item lies ready") {
    given<order_process>(order_placed{"42"})
        .when(payment_received{"42", 4200})
        .then_sends(pick_item{"42", 1})
        .when(item_picked{"42", 1})
        .then_sends(ship_order{"42"})
        .then_stands(pick_item{"42", 1}, ship_order{"42"})
        .then_is_in<payment::paid, cancellation::open>();
}

TEST_CASE("an order that is not paid in time expires, and late money is still money") {
    given<order_process>(order_placed{"42"})
        .then_waits_for<payment_timed_out>(15min)
        .after(15min)
        .then_is_in<payment::expired>()
        .then_sends_nothing()
        .when(payment_received{"42", 4200})
        .then_is_in<payment::paid>()
        .then_sends(pick_item{"42", 1});
}

TEST_CASE("money ends the wait, and so does a cancellation") {
    given<order_process>(order_placed{"42"}, payment_received{"42", 4200}).then_waits_for_nothing();
    given<order_process>(order_placed{"42"}, order_cancelled{"42"})
        .then_waits_for_nothing()
        .after(15min)
        .then_is_in<payment::awaiting>();
}

TEST_CASE("money that is faster than the order begins no wait") {
    given<order_process>(payment_received{"42", 4200})
        .when(order_placed{"42"})
        .then_waits_for_nothing()
        .then_sends_nothing()
        .then_stands(pick_item{"42", 1});
}

TEST_CASE("spilled coffee recalls the parcel, and another item is picked") {
    given<order_process>(order_placed{"42"}, payment_received{"42", 4200}, item_picked{"42", 1})
        .when(coffee_spilled{"42", 1})
        .then_data<damaged>({1})
        .then_sends_in_any_order(recall_order{"42"}, put_item_back{"42", 1}, pick_item{"42", 2})
        .then_stands(pick_item{"42", 2})
        .when(item_picked{"42", 2})
        .then_sends(ship_order{"42"});
}

TEST_CASE("coffee may overtake the message that the item was picked") {
    given<order_process>(payment_received{"42", 4200}, coffee_spilled{"42", 1})
        .when(item_picked{"42", 1})
        .then_sends_nothing()
        .then_data<picked>({1})
        .then_data<damaged>({1});
}

TEST_CASE("a cancelled order is recalled, and everything that was paid goes back") {
    given<order_process>(payment_received{"42", 4000}, item_picked{"42", 1})
        .when(order_cancelled{"42"})
        .then_sends_in_any_order(recall_order{"42"}, put_item_back{"42", 1}, refund_payment{"42", 4000})
        .when(payment_received{"42", 200})
        .then_sends(refund_payment{"42", 200})
        .then_stands(refund_payment{"42", 4200});
}

TEST_CASE("a warehouse that cannot ship leaves the command to be looked at") {
    given<order_process>(order_placed{"42"}, payment_received{"42", 4200})
        .where_handler_refuses<ship_order>("no parcel service on Sundays")
        .when(item_picked{"42", 1})
        .then_parks("Sundays")
        .then_stands(pick_item{"42", 1}, ship_order{"42"});
}

TEST_CASE("orders do not disturb each other") {
    given<order_process>(payment_received{"42", 4200}, payment_received{"43", 100})
        .when(order_cancelled{"43"})
        .then_is_in<payment::paid, cancellation::open>()
        .for_instance("43")
        .then_stands(refund_payment{"43", 100});
}

TEST_CASE("every order of a day's events ends in the same way, with data") {
    auto const found = converge::explore<order_process>(
        order_placed{"42"}, payment_received{"42", 4200}, payment_timed_out{"42"}, item_picked{"42", 1},
        coffee_spilled{"42", 1}, item_picked{"42", 2}, order_cancelled{"42"});
    CHECK_MESSAGE(found.converges(), found.text());
}
