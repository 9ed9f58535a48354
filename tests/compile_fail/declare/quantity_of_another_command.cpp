// SPDX-License-Identifier: MIT
// expect: adjusted_member_is_of_another_command<order_process, refund_cents, reclaim_cents>
#include "../order.hpp"

struct refund_cents {
    long cents;
};
struct reclaim_cents {
    long cents;
};
struct order_process : order_base {
#ifdef REPAIRED
    using effects = converge::effects<effect<
        when<payment::awaiting>, refund_cents, adjusted_by<&refund_cents::cents, &reclaim_cents::cents>>>;
#else
    using effects = converge::effects<effect<
        when<payment::awaiting>, refund_cents, adjusted_by<&reclaim_cents::cents, &reclaim_cents::cents>>>;
#endif
};
static_assert(verified<order_process>);
