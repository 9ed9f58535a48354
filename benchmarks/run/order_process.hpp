// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <cstdint>
#include <string>

// An order, as a shop has it: events of three modules, four small machines, money that is summed up, a
// command with a compensation and two without.
namespace shop {

struct order_placed {
    BOOST_HANA_DEFINE_STRUCT(order_placed, (std::string, order));
};
struct order_cancelled {
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
};
struct orders : converge::module<"orders", order_placed, order_cancelled> {};

struct payment_received {
    BOOST_HANA_DEFINE_STRUCT(payment_received, (std::string, order), (std::int64_t, cents));
};
struct payment_timed_out {
    BOOST_HANA_DEFINE_STRUCT(payment_timed_out, (std::string, order));
};
struct payments : converge::module<"payments", payment_received, payment_timed_out> {};

struct parcel_delivered {
    BOOST_HANA_DEFINE_STRUCT(parcel_delivered, (std::string, order));
};
struct shipping : converge::module<"shipping", parcel_delivered> {};

/// Where the steps are. Among the events of the orders they would be read, and passed over, with these.
struct fulfilment : converge::module<"fulfilment"> {};

struct ship_order {
    BOOST_HANA_DEFINE_STRUCT(ship_order, (std::string, order));
};
struct recall_order {
    BOOST_HANA_DEFINE_STRUCT(recall_order, (std::string, order));
};
struct refund_payment {
    BOOST_HANA_DEFINE_STRUCT(refund_payment, (std::string, order));
};
struct send_invoice {
    BOOST_HANA_DEFINE_STRUCT(send_invoice, (std::string, order));
};

struct placement {
    struct unknown;
    struct placed;
    using transitions = converge::transitions<
        converge::row<unknown, order_placed, placed>, converge::stay<placed, order_placed>>;
};
struct payment {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>, converge::row<awaiting, payment_timed_out, expired>,
        converge::row<expired, payment_received, paid>, // late money is still money
        converge::stay<paid, payment_received, payment_timed_out>,
        converge::stay<expired, payment_timed_out>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions = converge::transitions<
        converge::row<open, order_cancelled, cancelled>, converge::stay<cancelled, order_cancelled>>;
};
struct delivery {
    struct waiting;
    struct delivered;
    using transitions = converge::transitions<
        converge::row<waiting, parcel_delivered, delivered>, converge::stay<delivered, parcel_delivered>>;
};

struct paid_cents : converge::sum<&payment_received::cents> {};

struct order_process {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<orders, payments, shipping>;
    using home = fulfilment;
    using machines = converge::machines<placement, payment, cancellation, delivery>;
    using data = converge::folds<paid_cents>;
    using repeats = converge::repeats<payment_received>;
    using effects = converge::effects<
        converge::effect<
            converge::when<placement::placed, payment::paid, cancellation::open>, ship_order,
            converge::undone_by<recall_order>>,
        converge::effect<converge::when<payment::paid, cancellation::cancelled>, refund_payment>,
        converge::effect<converge::when<payment::paid, delivery::delivered>, send_invoice>>;
    static auto const& correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<order_process>);

} // namespace shop
