// SPDX-License-Identifier: MIT
// expect: event_is_never_used<timeout, order_cancelled>
#include "../order.hpp"

struct timeout {
    struct waiting;
    struct over;
    using transitions = converge::transitions<
        row<waiting, payment_timed_out, over>, stay<over, payment_timed_out, order_cancelled>,
#ifdef REPAIRED
        row<waiting, order_cancelled, over>>;
#else
        stay<waiting, order_cancelled>>;
#endif
};
static_assert(verified<timeout>);
