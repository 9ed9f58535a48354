// SPDX-License-Identifier: MIT
// expect: two_orders_send_different_commands<order_process,
// expect: sends<converge::history<payment_received, order_cancelled>, refund_payment>
// expect: sends<converge::history<order_cancelled, payment_received>>
// expect: mend_with<converge::effect<converge::when<order::paid_and_cancelled>, refund_payment
#include "../order.hpp"

struct order {
    struct open;
    struct paid;
    struct cancelled;
    struct paid_and_cancelled;
    using transitions = converge::transitions<
        row<open, payment_received, paid>, row<open, order_cancelled, cancelled>,
#ifdef REPAIRED
        row<paid, order_cancelled, paid_and_cancelled>,
#else
        row<paid, order_cancelled, paid_and_cancelled, send<refund_payment>>,
#endif
        row<cancelled, payment_received, paid_and_cancelled>, stay<paid, payment_received>,
        stay<cancelled, order_cancelled>, stay<paid_and_cancelled, payment_received, order_cancelled>>;
};
struct order_process : order_base {
    using machines = converge::machines<order>;
#ifdef REPAIRED
    using effects = converge::effects<effect<when<order::paid_and_cancelled>, refund_payment>>;
#endif
};
static_assert(verified<order_process>);
