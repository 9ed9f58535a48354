// SPDX-License-Identifier: MIT
// expect: sum_depends_on_the_order<order_process, paid, double>
#include "../order.hpp"

struct cash_received {
    std::string order;
#ifdef REPAIRED
    long cents;
#else
    double cents;
#endif
};
struct cashier : module<"cashier", cash_received> {};
struct paid : sum<&cash_received::cents> {};
struct order_process : order_base {
    using reads = converge::reads<orders, payments, cashier>;
    using data = folds<paid>;
    using repeats = converge::repeats<cash_received>;
};
static_assert(verified<order_process>);
