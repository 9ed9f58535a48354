// SPDX-License-Identifier: MIT
// expect: machines_list_what_is_neither_machine_nor_process<order_process, refund_payment>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using machines = converge::machines<payment, cancellation>;
#else
    using machines = converge::machines<payment, refund_payment>;
#endif
};
static_assert(verified<order_process>);
