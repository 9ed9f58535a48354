// SPDX-License-Identifier: MIT
// expect: effect_is_undone_by_what_is_no_compensation<order_process,
// expect: mend_with<converge::effect<converge::when<payment::awaiting>, ship_order,
// converge::undone_by<recall_order>>>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using effects = converge::effects<effect<when<payment::awaiting>, ship_order, undone_by<recall_order>>>;
#else
    using effects = converge::effects<effect<when<payment::awaiting>, ship_order, recall_order>>;
#endif
};
static_assert(verified<order_process>);
