// SPDX-License-Identifier: MIT
// expect: process_cannot_run<converge::command_needs_a_function_named_from<tell_customer>>
#include "../described_order.hpp"

struct tell_customer {
    BOOST_HANA_DEFINE_STRUCT(tell_customer, (std::string, order), (std::string, text));
#ifdef REPAIRED
    static tell_customer from(auto const& instance) { return {std::string{instance.key}, "it is cancelled"}; }
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
