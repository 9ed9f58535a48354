// SPDX-License-Identifier: MIT
// expect: process_has_no_machines<order_process>
#include "../order.hpp"

struct order_process {
    using reads = converge::reads<orders, payments>;
#ifdef REPAIRED
    using machines = converge::machines<payment, cancellation>;
#endif
};
static_assert(verified<order_process>);
