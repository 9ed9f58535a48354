// SPDX-License-Identifier: MIT
// expect: deadline_needs_no_compensation<order_process, converge::effect<converge::when<payment::awaiting>,
// converge::deadline<payment_timed_out,
#include "../order.hpp"

#include <chrono>

struct order_process : order_base {
#ifdef REPAIRED
    using effects = converge::effects<
        effect<when<payment::awaiting>, deadline<payment_timed_out, std::chrono::minutes{15}>>>;
#else
    using effects = converge::effects<effect<
        when<payment::awaiting>, deadline<payment_timed_out, std::chrono::minutes{15}>,
        undone_by<recall_order>>>;
#endif
};
static_assert(verified<order_process>);
