// SPDX-License-Identifier: MIT
// expect: environment_lists_what_is_no_statement<order_process, order_placed>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using environment = converge::environment<happens_before<order_placed, payment_received>>;
#else
    using environment = converge::environment<order_placed, payment_received>;
#endif
};
static_assert(verified<order_process>);
