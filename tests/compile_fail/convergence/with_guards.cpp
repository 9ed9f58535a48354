// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<payment_machine,
// expect: history<converge::if_<payment_received, is_enough>, payment_timed_out>, payment_machine::paid
// expect: history<payment_timed_out, converge::if_<payment_received, is_enough>>, payment_machine::expired
// expect: row<payment_machine::expired, converge::if_<payment_received, is_enough>, payment_machine::paid>
#include "../order.hpp"

struct is_enough {
    bool operator()(payment_received const& event) const { return event.cents >= 1000; }
};
struct payment_machine {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        row<awaiting, if_<payment_received, is_enough>, paid>,
        stay<awaiting, unless<payment_received, is_enough>>, row<awaiting, payment_timed_out, expired>,
        stay<paid, payment_received, payment_timed_out>,
#ifdef REPAIRED
        row<expired, if_<payment_received, is_enough>, paid>,
#else
        stay<expired, if_<payment_received, is_enough>>,
#endif
        stay<expired, unless<payment_received, is_enough>, payment_timed_out>>;
};
static_assert(verified<payment_machine>);
