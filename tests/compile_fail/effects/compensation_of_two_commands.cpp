// SPDX-License-Identifier: MIT
// expect: compensation_undoes_two_commands<order_process, recall_order, ship_order, refund_payment>
#include "../order.hpp"

struct cancel_refund {};
struct order_process : order_base {
#ifdef REPAIRED
    using effects = converge::effects<
        effect<when<payment::paid, cancellation::open>, ship_order, undone_by<recall_order>>,
        effect<when<payment::awaiting>, refund_payment, undone_by<cancel_refund>>>;
#else
    using effects = converge::effects<
        effect<when<payment::paid, cancellation::open>, ship_order, undone_by<recall_order>>,
        effect<when<payment::awaiting>, refund_payment, undone_by<recall_order>>>;
#endif
};
static_assert(verified<order_process>);
