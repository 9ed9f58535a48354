// SPDX-License-Identifier: MIT
// expect: no_row_decides<payment, payment::paid, payment_timed_out>
#include <converge/verify/verified.hpp>

struct payment_received {};
struct payment_timed_out {};

struct payment {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>, converge::row<awaiting, payment_timed_out, expired>,
        converge::row<expired, payment_received, paid>, converge::stay<expired, payment_timed_out>,
#ifdef REPAIRED
        converge::stay<paid, payment_timed_out>,
#endif
        converge::stay<paid, payment_received>>;
};
static_assert(converge::verified<payment>);
