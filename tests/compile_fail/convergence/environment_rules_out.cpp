// SPDX-License-Identifier: MIT
// expect: environment_rules_out<order_process, order_cancelled>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using environment = converge::environment<happens_before<order_placed, order_cancelled>>;
#else
    using environment = converge::environment<
        happens_before<order_placed, order_cancelled>, exclusive<order_placed, order_cancelled>>;
#endif
};
static_assert(verified<order_process>);
