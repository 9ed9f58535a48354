// SPDX-License-Identifier: MIT
// expect: evolution_does_not_go_on_from<from_2_to_3, from_1_to_2>
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
struct thank {
    BOOST_HANA_DEFINE_STRUCT(thank, (std::string, order));
};
struct ship {
    BOOST_HANA_DEFINE_STRUCT(ship, (std::string, order));
};
struct order_v1 {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<payments>;
    using machines = converge::machines<payment>;
    static auto correlate(auto const& event) { return event.order; }
};
struct order_v2 : order_v1 {
    using effects = converge::effects<converge::effect<converge::when<payment::paid>, ship>>;
};
struct order_v3 : order_v1 {
    using effects = converge::effects<
        converge::effect<converge::when<payment::paid>, ship>,
        converge::effect<converge::when<payment::paid>, thank>>;
};
struct from_1_to_2 : converge::evolves<order_v1, order_v2> {};
struct from_2_to_3 : converge::evolves<order_v2, order_v3> {};

void work(converge::memory_store& store) {
#ifdef REPAIRED
    converge::migrate<from_1_to_2, from_2_to_3>(store);
#else
    converge::migrate<from_2_to_3, from_1_to_2>(store);
#endif
}
