// SPDX-License-Identifier: MIT
// expect: redelivery_ends_in_a_different_place<reminders,
// expect: history<reminder_sent>, reminders::one>
// expect: history<reminder_sent, reminder_sent>, reminders::two>
// expect: mend_with_either<converge::stay<reminders::one, reminder_sent>, converge::repeats<reminder_sent>>
#include <converge/verify/verified.hpp>

struct reminder_sent {};

struct reminders {
    struct none;
    struct one;
    struct two;
    using transitions = converge::transitions<
        converge::row<none, reminder_sent, one>, converge::row<one, reminder_sent, two>,
        converge::stay<two, reminder_sent>>;
#ifdef REPAIRED
    using repeats = converge::repeats<reminder_sent>;
#endif
};
static_assert(converge::verified<reminders>);
