// SPDX-License-Identifier: MIT
// expect: member_type_must_be_a_list<waiting, waiting::over,
// converge::mend_with<converge::states<waiting::over>>>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#ifdef REPAIRED
    using final_states = states<over>;
#else
    using final_states = over;
#endif
};
static_assert(verified<waiting>);
