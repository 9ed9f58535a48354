// SPDX-License-Identifier: MIT
// expect: event_is_in_two_modules<order_process, order_cancelled>
#include "../order.hpp"

struct archive : module<"archive", order_cancelled> {};
struct order_process : order_base {
#ifdef REPAIRED
    using reads = converge::reads<orders, payments>;
#else
    using reads = converge::reads<orders, payments, archive>;
#endif
};
static_assert(verified<order_process>);
