// SPDX-License-Identifier: MIT
// expect: guard_must_read_the_event_alone<order_process, payment_received, is_settled>
#include "../order.hpp"

struct paid_cents : sum<&payment_received::cents> {};
struct is_settled {
#ifdef REPAIRED
    bool operator()(payment_received const& event) const { return event.cents > 1000; }
#else
    bool operator()(payment_received const& event, folds<paid_cents> const& data) const {
        return get<paid_cents>(data) + event.cents > 1000;
    }
#endif
};
struct settlement {
    struct due;
    struct settled;
    using transitions = converge::transitions<
        row<due, if_<payment_received, is_settled>, settled>, stay<due, unless<payment_received, is_settled>>,
        stay<settled, payment_received>>;
};
struct order_process : order_base {
    using machines = converge::machines<settlement>;
    using data = folds<paid_cents>;
    using repeats = converge::repeats<payment_received>;
};
static_assert(verified<order_process>);
