// SPDX-License-Identifier: MIT
// expect: old_state_has_no_place<upgrade, next::payment,
// expect: payment::paid
#include <converge/converge.hpp>
#include <converge/store/memory.hpp>

struct payment_received {
    BOOST_HANA_DEFINE_STRUCT(payment_received, (std::string, order));
};
struct payments : converge::module<"payments", payment_received> {};
struct payment {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>, converge::stay<paid, payment_received>>;
};
namespace next {
struct payment {
    struct awaiting;
    struct settled;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, settled>, converge::stay<settled, payment_received>>;
};
} // namespace next
struct order_v1 {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<payments>;
    using machines = converge::machines<payment>;
    static auto correlate(auto const& event) { return event.order; }
};
struct order_v2 : order_v1 {
    using machines = converge::machines<next::payment>;
};
#ifdef REPAIRED
struct upgrade
    : converge::evolves<order_v1, order_v2, converge::renames<payment::paid, next::payment::settled>> {};
#else
struct upgrade : converge::evolves<order_v1, order_v2> {};
#endif

void work(converge::memory_store& store) {
    auto const done = converge::migrate<upgrade>(store);
    (void)done.instances;
}
