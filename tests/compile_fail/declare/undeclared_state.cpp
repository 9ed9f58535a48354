// SPDX-License-Identifier: MIT
// errors-gcc: 5
// errors-clang: 2
// expect-gcc: ‘cancelled’ was not declared in this scope
// expect-clang: use of undeclared identifier 'cancelled'
#include "../order.hpp"

struct waiting {
    struct begun;
    struct over;
#ifdef REPAIRED
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, stay<over, payment_timed_out>>;
#else
    using transitions =
        converge::transitions<row<begun, payment_timed_out, over>, row<over, payment_timed_out, cancelled>>;
#endif
};
static_assert(verified<waiting>);
