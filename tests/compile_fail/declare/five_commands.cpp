// SPDX-License-Identifier: MIT
// expect: row_sends_more_than_four_commands<waiting, converge::row<waiting::begun, payment_timed_out,
// waiting::over, converge::send<refund_payment, recall_order, apology, coupon, survey>>
#include "../order.hpp"

struct apology {};
struct coupon {};
struct survey {};
struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions = converge::transitions<
        row<begun, payment_timed_out, over, send<refund_payment, recall_order, apology, coupon>>,
        stay<over, payment_timed_out>>;
#else
    using transitions = converge::transitions<
        row<begun, payment_timed_out, over, send<refund_payment, recall_order, apology, coupon, survey>>,
        stay<over, payment_timed_out>>;
#endif
};
static_assert(verified<waiting>);
