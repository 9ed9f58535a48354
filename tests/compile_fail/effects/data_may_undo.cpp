// SPDX-License-Identifier: MIT
// expect: data_may_undo_the_effect<order_process, ship_order, is_settled>
#include "../order.hpp"

struct paid_cents : sum<&payment_received::cents> {};
struct is_settled {
    bool operator()(folds<paid_cents> const& data) const { return get<paid_cents>(data) >= 1000; }
};
struct order_process : order_base {
    using data = folds<paid_cents>;
    using repeats = converge::repeats<payment_received>;
#ifdef REPAIRED
    using effects = converge::effects<
        effect<when<payment::paid, holds<is_settled>>, ship_order, undone_by<recall_order>>>;
#else
    using effects = converge::effects<effect<when<payment::paid, holds<is_settled>>, ship_order>>;
#endif
};
static_assert(verified<order_process>);
