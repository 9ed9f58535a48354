// SPDX-License-Identifier: MIT
// expect: row_leads_to_no_state<waiting, converge::row<waiting::begun, payment_timed_out
// expect: mend_with<converge::stay<waiting::begun, payment_timed_out>>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transitions = converge::transitions<row<begun, payment_timed_out>, stay<over, payment_timed_out>>;
#endif
};
static_assert(verified<waiting>);
