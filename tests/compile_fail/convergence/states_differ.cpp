// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<payment,
// expect: history<payment_received, payment_timed_out>, payment::paid>
// expect: history<payment_timed_out, payment_received>, payment::expired>
// expect: mend_with_either<converge::row<payment::expired, payment_received, payment::paid>,
// converge::row<payment::paid, payment_timed_out, payment::expired>>
// expect: mend_with_either<converge::row<payment::expired, payment_received, payment::paid>,
// converge::row<payment::paid, payment_timed_out, payment::expired>>
// expect: mend_with_either<converge::row<payment::expired, payment_received, payment::paid>,
// converge::row<payment::paid, payment_timed_out, payment::expired>>
// expect: mend_with_either<converge::row<payment::expired, payment_received, payment::paid>,
// converge::row<payment::paid, payment_timed_out, payment::expired>>
// expect: mend_with_either<converge::row<payment::expired, payment_received, payment::paid>,
// converge::row<payment::paid, payment_timed_out, payment::expired>>
// expect: mend_with_either<converge::row<payment::expired, payment_received, payment::paid>,
// converge::row<payment::paid, payment_timed_out, payment::expired>>
#include <converge/verify/verified.hpp>

struct payment_received {};
struct payment_timed_out {};

struct payment {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>, converge::row<awaiting, payment_timed_out, expired>,
        converge::stay<paid, payment_received, payment_timed_out>,
#ifdef REPAIRED
        converge::row<expired, payment_received, paid>, converge::stay<expired, payment_timed_out>>;
#else
        converge::stay<expired, payment_received, payment_timed_out>>;
#endif
};
static_assert(converge::verified<payment>);
