// SPDX-License-Identifier: MIT
// expect: process_has_no_reads<order_process>
#include "../order.hpp"

struct order_process {
    using machines = converge::machines<payment, cancellation>;
#ifdef REPAIRED
    using reads = converge::reads<orders, payments>;
#endif
};
static_assert(verified<order_process>);
