// SPDX-License-Identifier: MIT
// expect: event_is_internal_to_another_module<order_process, payments::gateway_probed, payments::module>
#include <converge/verify/verified.hpp>

#include <string>

namespace orders {
struct order_placed {
    std::string order;
};
struct module : converge::module<"orders", order_placed> {};
} // namespace orders

namespace payments {
struct gateway_probed {
#ifdef REPAIRED
    using visibility = converge::public_;
#else
    using visibility = converge::internal;
#endif
    std::string order;
};
struct module : converge::module<"payments", gateway_probed> {};
} // namespace payments

struct probing {
    struct quiet;
    struct probed;
    using transitions = converge::transitions<
        converge::row<quiet, payments::gateway_probed, probed>,
        converge::stay<probed, payments::gateway_probed>>;
};
struct order_process {
    using reads = converge::reads<orders::module, payments::module>;
    using machines = converge::machines<probing>;
    static std::string correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<order_process>);
