// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<order_process,
// expect: ends<converge::history<order_placed, payment_received, order_cancelled>, first_one_wins::payment,
// converge::stands<ship_order>> expect: ends<converge::history<order_placed, order_cancelled,
// payment_received>, first_one_wins::cancellation> expect: mend_with_either< expect:
// row<first_one_wins::cancellation, payment_received, first_one_wins::payment> expect:
// row<first_one_wins::payment, order_cancelled, first_one_wins::cancellation>
#include "../order.hpp"

// What is known says nothing of the two events that race.
struct order_process : order_base {
    using machines = converge::machines<first_one_wins>;
    using effects =
        converge::effects<effect<when<first_one_wins::payment>, ship_order, undone_by<recall_order>>>;
#ifdef REPAIRED
    using environment = converge::environment<exclusive<payment_received, order_cancelled>>;
#else
    using environment = converge::environment<happens_before<order_placed, order_cancelled>>;
#endif
};
static_assert(verified<order_process>);
