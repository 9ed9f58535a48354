// SPDX-License-Identifier: MIT
// expect: redelivery_changes_the_fold<order, payment_received, paid_cents>
#include <converge/verify/verified.hpp>

#include <string>

struct payment_received {
    std::string order;
    long cents;
};
struct payments : converge::module<"payments", payment_received> {};

struct payment {
    struct awaiting;
    struct begun;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, begun>, converge::stay<begun, payment_received>>;
};
struct paid_cents : converge::sum<&payment_received::cents> {};

struct order {
    using reads = converge::reads<payments>;
    using machines = converge::machines<payment>;
    using data = converge::folds<paid_cents>;
#ifdef REPAIRED
    using repeats = converge::repeats<payment_received>;
#endif
    static std::string correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<order>);
