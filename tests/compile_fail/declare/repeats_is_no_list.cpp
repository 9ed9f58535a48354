// SPDX-License-Identifier: MIT
// expect: member_type_must_be_a_list<order_process, payment_received,
// converge::mend_with<converge::repeats<payment_received>>>
#include "../order.hpp"

struct order_process : order_base {
#ifdef REPAIRED
    using repeats = converge::repeats<payment_received>;
#else
    using repeats = payment_received;
#endif
};
static_assert(verified<order_process>);
