// SPDX-License-Identifier: MIT
// expect: has_neither_transitions_nor_reads_and_machines<waiting>
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transition =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#endif
};
static_assert(verified<waiting>);
