// SPDX-License-Identifier: MIT
// expect: redelivery_sends_commands_again<order_process,
// expect: sends<converge::history<order_cancelled>, refund_payment>
// expect: sends<converge::history<order_cancelled, order_cancelled>, converge::times<2, refund_payment>
// expect: mend_with<converge::effect<converge::when<order::cancelled>, refund_payment
#include "../order.hpp"

struct order {
    struct open;
    struct cancelled;
    using transitions = converge::transitions<
#ifdef REPAIRED
        row<open, order_cancelled, cancelled>, stay<cancelled, order_cancelled>>;
#else
        row<open, order_cancelled, cancelled, send<refund_payment>>,
        row<cancelled, order_cancelled, cancelled, send<refund_payment>>>;
#endif
};
struct order_process : order_base {
    using machines = converge::machines<order>;
#ifdef REPAIRED
    using effects = converge::effects<effect<when<order::cancelled>, refund_payment>>;
#endif
};
static_assert(verified<order_process>);
