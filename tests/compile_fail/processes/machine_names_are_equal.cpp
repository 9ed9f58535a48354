// SPDX-License-Identifier: MIT
// expect: two_machines_share_a_name<order_process, payment, gateway::payment>
#include "../order.hpp"

namespace gateway {
struct payment {
#ifdef REPAIRED
    static constexpr converge::name name{"gateway"};
#endif
    struct up;
    struct down;
    using transitions =
        converge::transitions<row<up, payment_timed_out, down>, stay<down, payment_timed_out>>;
};
} // namespace gateway
struct order_process : order_base {
    using machines = converge::machines<payment, gateway::payment>;
};
static_assert(verified<order_process>);
