// SPDX-License-Identifier: MIT
// expect: process_cannot_run<converge::no_handler_takes<order_process, recall_order>>
#include <converge/converge.hpp>
#include <converge/store/memory.hpp>

struct order_cancelled {
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
};
struct orders : converge::module<"orders", order_cancelled> {};
struct ship_order {
    BOOST_HANA_DEFINE_STRUCT(ship_order, (std::string, order));
};
struct recall_order {
    BOOST_HANA_DEFINE_STRUCT(recall_order, (std::string, order));
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions = converge::transitions<
        converge::row<open, order_cancelled, cancelled>, converge::stay<cancelled, order_cancelled>>;
};
struct order_process {
    using reads = converge::reads<orders>;
    using machines = converge::machines<cancellation>;
    using effects = converge::effects<
        converge::effect<converge::when<cancellation::open>, ship_order, converge::undone_by<recall_order>>>;
    static auto correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<order_process>);

struct handler {
    void operator()(ship_order const&) const {}
#ifdef REPAIRED
    void operator()(recall_order const&) const {}
#endif
};

void work(converge::memory_store& store) {
    converge::make_runner<order_process>(store, handler{}).catch_up();
}
