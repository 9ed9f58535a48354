// SPDX-License-Identifier: MIT
// expect: two_events_share_a_wire_name<billing, billing_v2::paid, paid>
#include <converge/verify/verified.hpp>

// The wire name is the unqualified name, if the event does not say it.
namespace billing_v2 {
struct paid {
#ifdef REPAIRED
    static constexpr converge::name wire_name{"paid_2"};
#endif
};
} // namespace billing_v2
struct paid {};
struct billing : converge::module<"billing", billing_v2::paid, paid> {};
struct payment {
    struct awaiting;
    struct received;
    using transitions =
        converge::transitions<converge::row<awaiting, paid, received>, converge::stay<received, paid>>;
};
struct order_process {
    using reads = converge::reads<billing>;
    using machines = converge::machines<payment>;
};
static_assert(converge::verified<order_process>);
