// SPDX-License-Identifier: MIT
// expect: state_is_in_two_machines<order_process, done>
#include "../order.hpp"

struct done;
struct payment_task {
    struct awaiting;
    using transitions =
        converge::transitions<row<awaiting, payment_received, done>, stay<done, payment_received>>;
};
struct cancel_task {
    struct open;
#ifdef REPAIRED
    struct done;
#endif
    using transitions = converge::transitions<row<open, order_cancelled, done>, stay<done, order_cancelled>>;
};
struct order_process : order_base {
    using machines = converge::machines<payment_task, cancel_task>;
    using effects = converge::effects<effect<when<done>, refund_payment>>;
};
static_assert(verified<order_process>);
