// SPDX-License-Identifier: MIT
// expect: no_row_decides<part_payment, part_payment::awaiting, converge::unless<payment_received, is_enough>
#include "../order.hpp"

struct is_enough {
    bool operator()(payment_received const& event) const { return event.cents >= 1000; }
};
struct part_payment {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<
        row<awaiting, if_<payment_received, is_enough>, paid>,
#ifdef REPAIRED
        stay<awaiting, unless<payment_received, is_enough>>,
#endif
        stay<paid, payment_received>>;
};
static_assert(verified<part_payment>);
