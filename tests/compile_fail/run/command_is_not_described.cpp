// SPDX-License-Identifier: MIT
// expect: process_cannot_run<converge::members_are_not_registered_with_hana<tell_customer>>
#include "../described_order.hpp"

struct tell_customer {
#ifdef REPAIRED
    BOOST_HANA_DEFINE_STRUCT(tell_customer, (std::string, order));
#else
    std::string order;
#endif
};
struct order_process : order_base {
    using effects = converge::effects<effect<when<cancellation::cancelled>, tell_customer>>;
};
static_assert(verified<order_process>);

void work(memory_store& store) {
    auto runner = make_runner<order_process>(store, handler{});
    runner.catch_up();
}
