// SPDX-License-Identifier: MIT
// expect: home_is_no_module<order_process, order_placed>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using home = orders;
#else
    using home = order_placed;
#endif
};
static_assert(verified<order_process>);
