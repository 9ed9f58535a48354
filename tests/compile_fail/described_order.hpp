// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>
#include <converge/store/memory.hpp>

#include <string>

// A process that can be run, for the cases about what a runner asks for besides.

using namespace converge;

struct order_cancelled {
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
};
struct orders : module<"orders", order_cancelled> {};
struct refund_payment {
    BOOST_HANA_DEFINE_STRUCT(refund_payment, (std::string, order));
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions =
        converge::transitions<row<open, order_cancelled, cancelled>, stay<cancelled, order_cancelled>>;
};
struct order_base {
    using reads = converge::reads<orders>;
    using machines = converge::machines<cancellation>;
    static auto correlate(auto const& event) { return event.order; }
};
/// Takes every command.
struct handler {
    void operator()(auto const&) const {}
};
