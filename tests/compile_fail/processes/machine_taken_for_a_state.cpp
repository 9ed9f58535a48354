// SPDX-License-Identifier: MIT
// expect: state_is_in_no_machine<order_process, payment>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using effects = converge::effects<effect<when<payment::paid>, ship_order>>;
#else
    using effects = converge::effects<effect<when<payment>, ship_order>>;
#endif
};
static_assert(verified<order_process>);
