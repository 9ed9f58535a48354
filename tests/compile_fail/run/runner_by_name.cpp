// SPDX-License-Identifier: MIT
// before: 5
// expect: no_handler_takes<order_process, refund_payment>
#include "../described_order.hpp"

struct order_process : order_base {
    using effects = converge::effects<effect<when<cancellation::cancelled>, refund_payment>>;
};
static_assert(verified<order_process>);

struct clerk {
#ifdef REPAIRED
    void operator()(refund_payment const&) const {}
#endif
};
using order_runner = runner<order_process, memory_store, clerk>;
static_assert(sizeof(order_runner) > 0);
