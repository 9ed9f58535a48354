// SPDX-License-Identifier: MIT
// expect: data_lists_what_is_no_fold<order_process, payment_received>
#include "../order.hpp"

struct most_cents : maximum<&payment_received::cents> {};
struct order_process : order_base {
#ifdef REPAIRED
    using data = folds<most_cents>;
#else
    using data = folds<payment_received>;
#endif
};
static_assert(verified<order_process>);
