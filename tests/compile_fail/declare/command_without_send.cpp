// SPDX-License-Identifier: MIT
// expect: row_takes_one_send_with_all_commands<waiting,
// expect: mend_with<converge::row<waiting::begun, payment_timed_out, waiting::over,
// converge::send<refund_payment>>>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions = converge::transitions<
        row<begun, payment_timed_out, over, send<refund_payment>>, stay<over, payment_timed_out>>;
#else
    using transitions = converge::transitions<
        row<begun, payment_timed_out, over, refund_payment>, stay<over, payment_timed_out>>;
#endif
};
static_assert(verified<waiting>);
