// SPDX-License-Identifier: MIT
// expect: module_lists_the_event_twice<warehouse, goods_packed>
#include "../order.hpp"

struct goods_packed {};
struct goods_sent {};
#ifdef REPAIRED
struct warehouse : module<"warehouse", goods_packed, goods_sent> {};
#else
struct warehouse : module<"warehouse", goods_packed, goods_sent, goods_packed> {};
#endif
struct order_process : order_base {
    using reads = converge::reads<orders, payments, warehouse>;
};
static_assert(verified<order_process>);
