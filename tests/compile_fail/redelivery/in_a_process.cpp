// SPDX-License-Identifier: MIT
// expect: redelivery_ends_in_a_different_place<order_process,
// expect: history<payment_received>, instalments::one>
// expect: history<payment_received, payment_received>, instalments::two, converge::stands<ship_order>
// expect: mend_with_either<converge::stay<instalments::one, payment_received>,
// converge::repeats<payment_received>
#include "../order.hpp"

struct instalments {
    struct none;
    struct one;
    struct two;
    using transitions = converge::transitions<
        row<none, payment_received, one>, row<one, payment_received, two>, stay<two, payment_received>>;
};
struct order_process : order_base {
    using machines = converge::machines<instalments>;
    using effects = converge::effects<effect<when<instalments::two>, ship_order>>;
#ifdef REPAIRED
    using repeats = converge::repeats<payment_received>;
#endif
};
static_assert(verified<order_process>);
