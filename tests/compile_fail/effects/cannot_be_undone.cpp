// SPDX-License-Identifier: MIT
// expect: effect_may_have_to_be_undone<order_process, ship_order,
// expect: history<payment_received>
// expect: history<payment_received, order_cancelled>
#include <converge/verify/verified.hpp>

#include <string>

struct order_cancelled {
    std::string order;
};
struct payment_received {
    std::string order;
};
struct orders : converge::module<"orders", order_cancelled, payment_received> {};
struct ship_order {};
struct recall_order {};

struct payment {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>, converge::stay<paid, payment_received>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions = converge::transitions<
        converge::row<open, order_cancelled, cancelled>, converge::stay<cancelled, order_cancelled>>;
};
struct order_process {
    using reads = converge::reads<orders>;
    using machines = converge::machines<payment, cancellation>;
    using paid_order = converge::when<payment::paid, cancellation::open>;
#ifdef REPAIRED
    using effects =
        converge::effects<converge::effect<paid_order, ship_order, converge::undone_by<recall_order>>>;
#else
    using effects = converge::effects<converge::effect<paid_order, ship_order>>;
#endif
    static std::string correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<order_process>);
