// SPDX-License-Identifier: MIT
// expect: too_many_combinations_to_explore<order_process, first_one_wins>
#include "../order.hpp"

struct order_process : order_base {
    using machines = converge::machines<first_one_wins>;
    using repeats = converge::repeats<payment_received, order_cancelled>;
#ifdef REPAIRED
    using environment = converge::environment<exclusive<payment_received, order_cancelled>>;
#else
    using environment = converge::environment<at_most<300, payment_received>, at_most<300, order_cancelled>>;
#endif
};
static_assert(verified<order_process>);
