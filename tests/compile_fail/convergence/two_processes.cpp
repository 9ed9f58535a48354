// SPDX-License-Identifier: MIT
// errors: 2
// expect: two_orders_end_in_different_places<order_process,
// expect: history<payment_received, order_cancelled>, first_one_wins::payment>
// expect: no_row_decides<timeout, timeout::waiting, order_cancelled>
#include "../order.hpp"

struct order_process : order_base {
    using machines = converge::machines<first_one_wins>;
#ifdef REPAIRED
    using environment = converge::environment<accepts_race<payment_received, order_cancelled>>;
#endif
};
static_assert(verified<order_process>);

struct timeout {
    struct waiting;
    struct over;
    using transitions = converge::transitions<
#ifdef REPAIRED
        row<waiting, order_cancelled, over>,
#endif
        row<waiting, payment_timed_out, over>, stay<over, payment_timed_out, order_cancelled>>;
};
struct timeout_process : order_base {
    using machines = converge::machines<timeout>;
};
static_assert(verified<timeout_process>);
