// SPDX-License-Identifier: MIT
// expect: transitions_list_what_is_neither_row_nor_stay<waiting, payment_timed_out>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transitions = converge::transitions<row<begun, payment_timed_out, over>, payment_timed_out>;
#endif
};
static_assert(verified<waiting>);
