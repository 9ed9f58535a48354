// SPDX-License-Identifier: MIT
// expect: reads_what_is_no_module<order_process, order_cancelled>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using reads = converge::reads<payments, orders>;
#else
    using reads = converge::reads<payments, order_cancelled>;
#endif
};
static_assert(verified<order_process>);
