// SPDX-License-Identifier: MIT
// expect: process_cannot_run<converge::store_keeps_no_records<log_alone>>
#include "../described_order.hpp"

struct order_process : order_base {};
static_assert(verified<order_process>);

#ifdef REPAIRED
using log_alone = memory_store;
#else
struct log_alone {};
#endif

void work(log_alone& store) {
    auto worker = make_worker<order_process>(store, handler{}, {.partitions = 8});
    worker.leave();
}
