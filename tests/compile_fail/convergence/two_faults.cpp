// SPDX-License-Identifier: MIT
// expect: event_is_in_no_module_read<order_process, payment_received>
#include "../order.hpp"

// The module is missing, and the two events race: the first comes first, and alone.
struct order_process : order_base {
    using machines = converge::machines<first_one_wins>;
#ifdef REPAIRED
    using environment = converge::environment<accepts_race<payment_received, order_cancelled>>;
#else
    using reads = converge::reads<orders>;
#endif
};
static_assert(verified<order_process>);
