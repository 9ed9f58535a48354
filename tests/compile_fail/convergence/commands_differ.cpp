// SPDX-License-Identifier: MIT
// expect: two_orders_send_different_commands<order,
// expect: history<payment_received, order_cancelled>, ship_order>
// expect: history<order_cancelled, payment_received>
// expect: mend_with<converge::effect<converge::when<order::paid_and_cancelled>, ship_order
#include <converge/verify/verified.hpp>

struct payment_received {};
struct order_cancelled {};
struct ship_order {};
struct recall_order {
    using undoes = ship_order;
};

using converge::row, converge::stay, converge::send;

struct order {
    struct open;
    struct paid;
    struct cancelled;
    struct paid_and_cancelled;
    using transitions = converge::transitions<
        row<open, payment_received, paid, send<ship_order>>, row<open, order_cancelled, cancelled>,
#ifdef REPAIRED
        row<paid, order_cancelled, paid_and_cancelled, send<recall_order>>,
#else
        row<paid, order_cancelled, paid_and_cancelled>,
#endif
        row<cancelled, payment_received, paid_and_cancelled>, stay<paid, payment_received>,
        stay<cancelled, order_cancelled>, stay<paid_and_cancelled, payment_received, order_cancelled>>;
};
static_assert(converge::verified<order>);
