// SPDX-License-Identifier: MIT
// expect: two_rows_decide<waiting, converge::row<waiting::over, payment_timed_out, waiting::over>,
// converge::row<waiting::over, payment_timed_out, waiting::over>>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transitions = converge::transitions<
        row<begun, payment_timed_out, over>, stay<over, payment_timed_out, payment_timed_out>>;
#endif
};
static_assert(verified<waiting>);
