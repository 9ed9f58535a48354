// SPDX-License-Identifier: MIT
// expect: process_cannot_run<converge::key_is_neither_text_nor_an_integer<order_process, order_cancelled,
// double>>
#include "../described_order.hpp"

struct order_process : order_base {
#ifndef REPAIRED
    static double correlate(order_cancelled const&) { return 0.5; }
#endif
};
static_assert(verified<order_process>);

void work(memory_store& store) {
    auto runner = make_runner<order_process>(store, handler{});
    runner.catch_up();
}
