// SPDX-License-Identifier: MIT
// expect: event_is_in_no_module_read<order_process, reminder_due>
#include "../order.hpp"

#include <chrono>

struct reminder_due {
    std::string order;
};
struct reminders : module<"reminders", reminder_due> {};
struct order_process : order_base {
#ifdef REPAIRED
    using reads = converge::reads<orders, payments, reminders>;
#endif
    using effects =
        converge::effects<effect<when<payment::awaiting>, deadline<reminder_due, std::chrono::minutes{15}>>>;
};
static_assert(verified<order_process>);
