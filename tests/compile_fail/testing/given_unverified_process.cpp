// SPDX-License-Identifier: MIT
// expect: two_orders_end_in_different_places<order_process,
#include <converge/converge.hpp>
#include <converge/testing/doctest.hpp>

struct order_cancelled {
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
};
struct order_paid {
    BOOST_HANA_DEFINE_STRUCT(order_paid, (std::string, order));
};
struct orders : converge::module<"orders", order_cancelled, order_paid> {};
struct order {
    struct open;
    struct paid;
    struct cancelled;
    using transitions = converge::transitions<
        converge::row<open, order_paid, paid>, converge::row<open, order_cancelled, cancelled>,
#ifdef REPAIRED
        converge::row<paid, order_cancelled, cancelled>, converge::stay<paid, order_paid>,
#else
        converge::stay<paid, order_paid, order_cancelled>,
#endif
        converge::stay<cancelled, order_cancelled, order_paid>>;
};
struct order_process {
    using reads = converge::reads<orders>;
    using machines = converge::machines<order>;
    static auto correlate(auto const& event) { return event.order; }
};

void test() {
    converge::testing::given<order_process>(order_cancelled{"7"}).when(order_paid{"7"}).then_sends_nothing();
}
