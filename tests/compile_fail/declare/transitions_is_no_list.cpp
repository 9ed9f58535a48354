// SPDX-License-Identifier: MIT
// expect: member_type_must_be_a_list<waiting,
// expect: mend_with<converge::transitions<converge::row<waiting::begun, payment_timed_out, waiting::over>>>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transitions = row<begun, payment_timed_out, over>;
#endif
};
static_assert(verified<waiting>);
