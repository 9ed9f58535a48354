// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<shop::checkout::order_process,
// expect: history<shop::billing::paid, shop::orders::cancelled>, shop::checkout::order::paid
// expect: history<shop::orders::cancelled, shop::billing::paid>, shop::checkout::order::cancelled
// expect: row<shop::checkout::order::cancelled, shop::billing::paid, shop::checkout::order::paid>
#include <converge/verify/verified.hpp>

namespace shop::orders {
struct cancelled {};
struct module : converge::module<"orders", cancelled> {};
} // namespace shop::orders

namespace shop::billing {
struct paid {};
struct module : converge::module<"billing", paid> {};
} // namespace shop::billing

namespace shop::checkout {
using converge::row, converge::stay;

// `paid` and `cancelled` are states here and events elsewhere.
struct order {
    struct open;
    struct paid;
    struct cancelled;
    using transitions = converge::transitions<
        row<open, billing::paid, paid>, row<open, orders::cancelled, cancelled>,
        stay<paid, billing::paid, orders::cancelled>,
#ifdef REPAIRED
        row<cancelled, billing::paid, paid>, stay<cancelled, orders::cancelled>>;
#else
        stay<cancelled, billing::paid, orders::cancelled>>;
#endif
};
struct order_process {
    using reads = converge::reads<billing::module, orders::module>;
    using machines = converge::machines<order>;
};
} // namespace shop::checkout

static_assert(converge::verified<shop::checkout::order_process>);
