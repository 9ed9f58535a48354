// SPDX-License-Identifier: MIT
// expect: state_is_never_reached<payment, payment::refunded>
#include <converge/verify/verified.hpp>

struct payment_received {};
struct payment_refunded {};

struct payment {
    struct awaiting;
    struct paid;
    struct refunded;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>, converge::stay<paid, payment_received>,
#ifdef REPAIRED
        converge::row<awaiting, payment_refunded, refunded>, converge::row<paid, payment_refunded, refunded>,
#else
        converge::stay<awaiting, payment_refunded>, converge::stay<paid, payment_refunded>,
#endif
        converge::stay<refunded, payment_received, payment_refunded>>;
};
static_assert(converge::verified<payment>);
