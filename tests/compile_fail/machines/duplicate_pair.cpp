// SPDX-License-Identifier: MIT
// expect: two_rows_decide<payment,
// expect: row<payment::awaiting, payment_received, payment::paid
// expect: row<payment::awaiting, payment_received, payment::awaiting
#include <converge/verify/verified.hpp>

struct payment_received {};

struct payment {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>,
#ifndef REPAIRED
        converge::stay<awaiting, payment_received>,
#endif
        converge::stay<paid, payment_received>>;
};
static_assert(converge::verified<payment>);
