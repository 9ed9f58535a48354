// SPDX-License-Identifier: MIT
// expect: process_cannot_run<converge::members_are_not_registered_with_hana<order_placed>>
#include "../described_order.hpp"

struct order_placed {
#ifdef REPAIRED
    BOOST_HANA_DEFINE_STRUCT(order_placed, (std::string, order));
#else
    std::string order;
#endif
};
struct baskets : module<"baskets", order_placed> {};
struct placement {
    struct unknown;
    struct placed;
    using transitions = converge::transitions<row<unknown, order_placed, placed>, stay<placed, order_placed>>;
};
struct order_process : order_base {
    using reads = converge::reads<orders, baskets>;
    using machines = converge::machines<placement, cancellation>;
};
static_assert(verified<order_process>);

void work(memory_store& store) {
    auto runner = make_runner<order_process>(store, handler{});
    runner.catch_up();
}
