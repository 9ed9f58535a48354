// SPDX-License-Identifier: MIT
// expect: accepted_race_is_none<order_process, converge::accepts_race<payment_received, order_cancelled>
#include "../order.hpp"

// Payment and cancellation have a machine each, so neither order is a race.
struct order_process : order_base {
#ifndef REPAIRED
    using environment = converge::environment<accepts_race<payment_received, order_cancelled>>;
#endif
};
static_assert(verified<order_process>);
