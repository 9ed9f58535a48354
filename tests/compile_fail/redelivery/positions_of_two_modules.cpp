// SPDX-License-Identifier: MIT
// expect: positions_of_two_modules_are_compared<order_process, last_order>
#include "../order.hpp"

#ifdef REPAIRED
struct last_order : latest<&payment_received::order, &payment_timed_out::order> {};
#else
struct last_order : latest<&payment_received::order, &order_cancelled::order> {};
#endif
struct order_process : order_base {
    using data = folds<last_order>;
};
static_assert(verified<order_process>);
