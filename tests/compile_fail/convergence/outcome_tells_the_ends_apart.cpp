// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<order_process,
// expect: first_one_wins::payment, converge::stands<payment_won>
// expect: history<order_cancelled, payment_received>, first_one_wins::cancellation
// expect: mend_with_either<
#include "../order.hpp"

struct payment_won : outcome<when<first_one_wins::payment>> {};
struct order_process : order_base {
    using machines = converge::machines<first_one_wins>;
    using effects =
        converge::effects<effect<any_of<first_one_wins::payment, first_one_wins::cancellation>, ship_order>>;
#ifndef REPAIRED
    using outcomes = converge::outcomes<payment_won>;
#endif
};
static_assert(verified<order_process>);
