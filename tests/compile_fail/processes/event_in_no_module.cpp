// SPDX-License-Identifier: MIT
// expect: event_is_in_no_module_read<order_process, payment_received>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using reads = converge::reads<orders, payments>;
#else
    using reads = converge::reads<orders>;
#endif
};
static_assert(verified<order_process>);
