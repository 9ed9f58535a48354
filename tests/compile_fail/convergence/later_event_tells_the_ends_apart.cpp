// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<order_process,
// expect: history<payment_received, payment_timed_out>, order::reminded, converge::stands<refund_payment>
// expect: history<payment_timed_out, payment_received>, order::paid
// expect: mend_with_either<converge::row<order::open, payment_received, order::reminded>,
// converge::stay<order::paid, payment_timed_out>
#include "../order.hpp"

// Nothing looks at `paid` and `cancelled`; what comes of them differs.
struct order {
    struct open;
    struct paid;
    struct cancelled;
    struct reminded;
    using transitions = converge::transitions<
        row<open, payment_received, paid>, row<open, order_cancelled, cancelled>,
        stay<paid, payment_received, order_cancelled>, stay<cancelled, payment_received, order_cancelled>,
#ifdef REPAIRED
        row<open, payment_timed_out, reminded>, row<paid, payment_timed_out, reminded>,
        row<cancelled, payment_timed_out, reminded>,
#else
        stay<open, payment_timed_out>, row<paid, payment_timed_out, reminded>,
        stay<cancelled, payment_timed_out>,
#endif
        stay<reminded, payment_received, order_cancelled, payment_timed_out>>;
};
struct order_process : order_base {
    using machines = converge::machines<order>;
    using effects = converge::effects<effect<when<order::reminded>, refund_payment>>;
};
static_assert(verified<order_process>);
