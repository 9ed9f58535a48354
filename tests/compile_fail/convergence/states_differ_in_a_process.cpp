// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<order_process,
// expect: history<order_placed, order_cancelled>, order::cancelled>
// expect: mend_with_either<
#include <converge/verify/verified.hpp>

#include <string>

struct order_placed {
    std::string order;
};
struct order_cancelled {
    std::string order;
};
struct payment_received {
    std::string order;
};
struct orders : converge::module<"orders", order_placed, order_cancelled, payment_received> {};

using converge::row, converge::stay;

/// One big machine: what a cancellation means depends on whether the money was there.
struct order {
    struct unknown;
    struct placed;
    struct paid;
    struct cancelled;
    struct refunded;
    using transitions = converge::transitions<
        row<unknown, order_placed, placed>, stay<unknown, payment_received, order_cancelled>,
        row<placed, payment_received, paid>, row<placed, order_cancelled, cancelled>,
        stay<placed, order_placed>, row<paid, order_cancelled, refunded>,
        stay<paid, payment_received, order_placed>,
        stay<cancelled, order_cancelled, payment_received, order_placed>,
        stay<refunded, order_cancelled, payment_received, order_placed>>;
};
// Remedy: a small machine for each question.
struct placement {
    struct unknown;
    struct placed;
    using transitions = converge::transitions<row<unknown, order_placed, placed>, stay<placed, order_placed>>;
};
struct payment {
    struct awaited;
    struct received;
    using transitions =
        converge::transitions<row<awaited, payment_received, received>, stay<received, payment_received>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions =
        converge::transitions<row<open, order_cancelled, cancelled>, stay<cancelled, order_cancelled>>;
};

struct order_process {
    using reads = converge::reads<orders>;
#ifdef REPAIRED
    using machines = converge::machines<placement, payment, cancellation>;
#else
    using machines = converge::machines<order>;
#endif
    static std::string correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<order_process>);
