// SPDX-License-Identifier: MIT
// expect: machine_has_no_rows<waiting>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transitions = converge::transitions<>;
#endif
};
static_assert(verified<waiting>);
