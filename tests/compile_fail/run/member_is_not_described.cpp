// SPDX-License-Identifier: MIT
// expect: process_cannot_run<converge::members_are_not_registered_with_hana<order_line>>
#include "../described_order.hpp"

#include <vector>

struct order_line {
#ifdef REPAIRED
    BOOST_HANA_DEFINE_STRUCT(order_line, (std::string, article), (int, pieces));
#else
    std::string article;
    int pieces;
#endif
};
struct order_placed {
    BOOST_HANA_DEFINE_STRUCT(order_placed, (std::string, order), (std::vector<order_line>, lines));
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
