// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<order_process,
// expect: ends<converge::history<order_placed, payment_received>, order::paid, converge::stands<ship_order>>
// expect: ends<converge::history<payment_received, order_placed>, order::placed>
// expect: mend_with_either<converge::row<order::unknown, order_placed, order::paid>,
// converge::stay<order::placed, payment_received>>
#include "../order.hpp"

/// A payment counts only after the order was placed.
struct order {
    struct unknown;
    struct placed;
    struct paid;
    using transitions = converge::transitions<
        row<unknown, order_placed, placed>, row<placed, payment_received, paid>,
        stay<unknown, payment_received>, stay<placed, order_placed>,
        stay<paid, order_placed, payment_received>>;
};
struct order_process : order_base {
    using machines = converge::machines<order>;
    using effects = converge::effects<effect<when<order::paid>, ship_order>>;
#ifdef REPAIRED
    using environment = converge::environment<happens_before<order_placed, payment_received>>;
#endif
};
static_assert(verified<order_process>);
