// SPDX-License-Identifier: MIT
// expect: stay_names_no_event<waiting, converge::stay<waiting::over>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transitions = converge::transitions<row<begun, payment_timed_out, over>, stay<over>>;
#endif
};
static_assert(verified<waiting>);
