// SPDX-License-Identifier: MIT
// expect: event_is_internal_to_another_module<order_process, gateway_probed, gateway>
#include "../order.hpp"

struct gateway_probed {
#ifndef REPAIRED
    using visibility = internal;
#endif
    std::string order;
    long attempts;
};
struct gateway : module<"gateway", gateway_probed> {};
struct order_process : order_base {
    using reads = converge::reads<orders, payments, gateway>;
    using repeats = converge::repeats<gateway_probed>;
};
static_assert(verified<order_process>);
