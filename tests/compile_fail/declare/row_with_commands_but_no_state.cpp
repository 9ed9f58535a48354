// SPDX-License-Identifier: MIT
// expect: row_leads_to_no_state<waiting, converge::row<waiting::over, payment_timed_out,
// converge::send<refund_payment>> expect: mend_with<converge::row<waiting::over, payment_timed_out,
// waiting::over, converge::send<refund_payment>>>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions = converge::transitions<
        row<begun, payment_timed_out, over>, row<over, payment_timed_out, over, send<refund_payment>>>;
    using repeats = converge::repeats<payment_timed_out>;
#else
    using transitions = converge::transitions<
        row<begun, payment_timed_out, over>, row<over, payment_timed_out, send<refund_payment>>>;
#endif
};
static_assert(verified<waiting>);
