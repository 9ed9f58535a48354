// SPDX-License-Identifier: MIT
// expect: state_is_in_no_row<cancellable, cancellable::ended>
#include "../order.hpp"

struct cancellable {
    struct open;
    struct cancelled;
    struct ended;
    using transitions =
        converge::transitions<row<open, order_cancelled, cancelled>, stay<cancelled, order_cancelled>>;
#ifdef REPAIRED
    using initial = open;
#else
    using initial = ended;
#endif
};
static_assert(verified<cancellable>);
