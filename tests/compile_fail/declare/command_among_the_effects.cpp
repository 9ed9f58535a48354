// SPDX-License-Identifier: MIT
// expect: effects_list_what_is_no_effect<order_process, ship_order>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using effects = converge::effects<effect<when<payment::paid>, ship_order>>;
#else
    using effects = converge::effects<ship_order>;
#endif
};
static_assert(verified<order_process>);
