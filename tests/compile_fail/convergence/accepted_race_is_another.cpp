// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<order_process,
// expect: history<payment_received, order_cancelled>, first_one_wins::payment
// expect: history<order_cancelled, payment_received>, first_one_wins::cancellation
#include "../order.hpp"

struct order_process : order_base {
    using machines = converge::machines<first_one_wins>;
#ifdef REPAIRED
    using environment = converge::environment<accepts_race<payment_received, order_cancelled>>;
#else
    using environment = converge::environment<accepts_race<payment_received, order_placed>>;
#endif
};
static_assert(verified<order_process>);
