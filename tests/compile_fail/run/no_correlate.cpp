// SPDX-License-Identifier: MIT
// expect: process_cannot_run<converge::no_static_correlate_takes<order_process, order_cancelled>>
#include "../described_order.hpp"

struct order_process {
    using reads = converge::reads<orders>;
    using machines = converge::machines<cancellation>;
#ifdef REPAIRED
    static auto correlate(order_cancelled const& event) { return event.order; }
#endif
};
static_assert(verified<order_process>);

void work(memory_store& store) {
    auto runner = make_runner<order_process>(store, handler{});
    runner.catch_up();
}
