// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<shop_process,
// expect: history<payment_received, order_cancelled>, first_one_wins::payment, converge::stands<ship_order>
// expect: history<order_cancelled, payment_received>, first_one_wins::cancellation,
// converge::stands<refund_payment>
#include "../order.hpp"

struct order_process : order_base {
    using machines = converge::machines<first_one_wins>;
    using effects = converge::effects<
        effect<when<first_one_wins::payment>, ship_order, undone_by<recall_order>>,
        effect<when<first_one_wins::cancellation>, refund_payment>>;
#ifdef REPAIRED
    using environment = converge::environment<exclusive<payment_received, order_cancelled>>;
#endif
};
/// The process in it brings its effects and what it knows along.
struct shop_process : order_base {
    using machines = converge::machines<cancellation, order_process>;
};
static_assert(verified<shop_process>);
