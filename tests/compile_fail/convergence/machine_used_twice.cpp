// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<shop_process,
// expect: history<payment_received, order_cancelled>, first_one_wins::payment>
// expect: history<order_cancelled, payment_received>, first_one_wins::cancellation>
#include "../order.hpp"

struct order_process : order_base {
    using machines = converge::machines<first_one_wins>;
};
/// The machine comes in by itself and in the process; it is one machine, and its fault one error.
struct shop_process : order_base {
    using machines = converge::machines<first_one_wins, order_process, first_one_wins>;
#ifdef REPAIRED
    using environment = converge::environment<accepts_race<payment_received, order_cancelled>>;
#endif
};
static_assert(verified<shop_process>);
