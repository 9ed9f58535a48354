// SPDX-License-Identifier: MIT
// errors-gcc: 5
// expect-gcc: ‘ovr’ was not declared in this scope
// expect-clang: unknown type name 'ovr'; did you mean 'over'?
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transitions =
        converge::transitions<row<begun, payment_timed_out, ovr>, stay<over, payment_timed_out>>;
#endif
};
static_assert(verified<waiting>);
