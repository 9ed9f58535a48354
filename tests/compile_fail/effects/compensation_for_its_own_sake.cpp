// SPDX-License-Identifier: MIT
// expect: compensation_is_sent_for_its_own_sake<order_process, recall_order, ship_order>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using effects = converge::effects<
        effect<when<payment::paid, cancellation::open>, ship_order, undone_by<recall_order>>,
        effect<when<cancellation::cancelled>, refund_payment>>;
#else
    using effects = converge::effects<
        effect<when<payment::paid, cancellation::open>, ship_order, undone_by<recall_order>>,
        effect<when<cancellation::cancelled>, recall_order>>;
#endif
};
static_assert(verified<order_process>);
