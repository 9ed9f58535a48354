// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <chrono>
#include <cstdint>
#include <string>

// An order reacts to a payment, a payment timeout and a cancellation, which come from a gateway, a scheduler
// and a message bus in no fixed order. In the warehouse a picked item can be damaged by spilled coffee and is
// picked again.

namespace orders {
struct order_placed {
    BOOST_HANA_DEFINE_STRUCT(order_placed, (std::string, order));
};
struct order_cancelled {
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
};
struct module : converge::module<"orders", order_placed, order_cancelled> {};
} // namespace orders

namespace payments {
struct payment_received {
    BOOST_HANA_DEFINE_STRUCT(payment_received, (std::string, order), (std::int64_t, cents));
};
struct payment_timed_out {
    BOOST_HANA_DEFINE_STRUCT(payment_timed_out, (std::string, order));
};
/// How the gateway feels is nobody's business outside.
struct gateway_probed {
    using visibility = converge::internal;
    BOOST_HANA_DEFINE_STRUCT(gateway_probed, (std::string, gateway));
};
struct module : converge::module<"payments", payment_received, payment_timed_out, gateway_probed> {};
} // namespace payments

namespace warehouse {
struct item_picked {
    BOOST_HANA_DEFINE_STRUCT(item_picked, (std::string, order), (std::int64_t, attempt));
};
struct coffee_spilled {
    BOOST_HANA_DEFINE_STRUCT(coffee_spilled, (std::string, order), (std::int64_t, attempt));
};
struct module : converge::module<"warehouse", item_picked, coffee_spilled> {};
} // namespace warehouse

namespace order_fulfilment {

using converge::adjusted_by, converge::deadline, converge::effect, converge::fails, converge::holds,
    converge::row, converge::stay, converge::undone_by, converge::when;
using namespace std::chrono_literals;

struct payment {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        //   from      on                           to
        row<awaiting, payments::payment_received, paid>,                     //
        row<awaiting, payments::payment_timed_out, expired>,                 //
        row<expired, payments::payment_received, paid>,                      // late money is still money
        stay<paid, payments::payment_received, payments::payment_timed_out>, //
        stay<expired, payments::payment_timed_out>>;
};

struct placement {
    struct unknown; // money may be faster than the order
    struct placed;
    using transitions =
        converge::transitions<row<unknown, orders::order_placed, placed>, stay<placed, orders::order_placed>>;
};

struct cancellation {
    struct open;
    struct cancelled;
    using transitions = converge::transitions<
        row<open, orders::order_cancelled, cancelled>, stay<cancelled, orders::order_cancelled>>;
};

/// Attempts are numbered, so "picked" and "damaged" are sets that only grow; whether a whole item lies ready
/// is a question to the data and does not depend on the order in which the warehouse's messages come.
struct picking {
    struct waiting;
    struct begun;
    using transitions = converge::transitions<
        row<waiting, warehouse::item_picked, begun>, row<waiting, warehouse::coffee_spilled, begun>,
        stay<begun, warehouse::item_picked, warehouse::coffee_spilled>>;
};

struct paid_cents : converge::sum<&payments::payment_received::cents> {};
struct picked : converge::union_of<&warehouse::item_picked::attempt> {};
struct damaged : converge::union_of<&warehouse::coffee_spilled::attempt> {};

struct whole_item_ready {
    bool operator()(auto const& data) const {
        for (auto const attempt : get<picked>(data))
            if (!get<damaged>(data).contains(attempt))
                return true;
        return false;
    }
};

struct pick_item {
    BOOST_HANA_DEFINE_STRUCT(pick_item, (std::string, order), (std::int64_t, attempt));
    static pick_item from(auto const& order) {
        return {std::string{order.key}, static_cast<std::int64_t>(get<damaged>(order).size()) + 1};
    }
};
struct put_item_back {
    BOOST_HANA_DEFINE_STRUCT(put_item_back, (std::string, order), (std::int64_t, attempt));
    static put_item_back undoing(pick_item const& picked) { return {picked.order, picked.attempt}; }
};
struct ship_order {
    BOOST_HANA_DEFINE_STRUCT(ship_order, (std::string, order));
};
struct recall_order {
    BOOST_HANA_DEFINE_STRUCT(recall_order, (std::string, order));
};
struct refund_payment {
    BOOST_HANA_DEFINE_STRUCT(refund_payment, (std::string, order), (std::int64_t, cents));
    static refund_payment from(auto const& order) { return {std::string{order.key}, get<paid_cents>(order)}; }
};
struct reclaim_refund {
    BOOST_HANA_DEFINE_STRUCT(reclaim_refund, (std::string, order), (std::int64_t, cents));
    static reclaim_refund from(auto const& order) { return {std::string{order.key}, 0}; }
};

struct order_process {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<orders::module, payments::module, warehouse::module>;
    using machines = converge::machines<placement, payment, cancellation, picking>;
    using repeats = converge::repeats<payments::payment_received>;
    using data = converge::folds<paid_cents, picked, damaged>;
    using effects = converge::effects< // level-triggered: they stand while the condition holds
        effect<
            when<placement::placed, payment::awaiting, cancellation::open>,
            deadline<payments::payment_timed_out, 15min>>,
        effect<when<payment::paid, cancellation::open>, pick_item, undone_by<put_item_back>>,
        effect<
            when<payment::paid, cancellation::open, holds<whole_item_ready>>, ship_order,
            undone_by<recall_order>>,
        effect<
            when<payment::paid, cancellation::cancelled>, refund_payment,
            adjusted_by<&refund_payment::cents, &reclaim_refund::cents>>>;
    static auto correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<order_process>);

} // namespace order_fulfilment
