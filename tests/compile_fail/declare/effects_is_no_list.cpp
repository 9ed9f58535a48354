// SPDX-License-Identifier: MIT
// expect: member_type_must_be_a_list<order_process, converge::effect<converge::when<payment::paid>,
// ship_order expect: mend_with<converge::effects<converge::effect<converge::when<payment::paid>, ship_order
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using effects = converge::effects<effect<when<payment::paid>, ship_order>>;
#else
    using effects = effect<when<payment::paid>, ship_order>;
#endif
};
static_assert(verified<order_process>);
