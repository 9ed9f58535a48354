// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/verified.hpp>

#include <string>

// What most cases are about: the events of an order, and two machines that are in order.

using namespace converge;

struct order_placed {
    std::string order;
};
struct order_cancelled {
    std::string order;
};
struct orders : module<"orders", order_placed, order_cancelled> {};

struct payment_received {
    std::string order;
    long cents;
};
struct payment_timed_out {
    std::string order;
};
struct payments : module<"payments", payment_received, payment_timed_out> {};

struct ship_order {};
struct recall_order {};
struct refund_payment {};

struct payment {
    struct awaiting;
    struct paid;
    using transitions =
        converge::transitions<row<awaiting, payment_received, paid>, stay<paid, payment_received>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions =
        converge::transitions<row<open, order_cancelled, cancelled>, stay<cancelled, order_cancelled>>;
};

/// Whichever of payment and cancellation comes first, wins.
struct first_one_wins {
    struct nobody;
    struct payment;
    struct cancellation;
    using transitions = converge::transitions<
        row<nobody, payment_received, payment>, row<nobody, order_cancelled, cancellation>,
        stay<payment, payment_received, order_cancelled>,
        stay<cancellation, payment_received, order_cancelled>>;
};

struct order_base {
    using reads = converge::reads<orders, payments>;
    using machines = converge::machines<payment, cancellation>;
    static std::string correlate(auto const& event) { return event.order; }
};
