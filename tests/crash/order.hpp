// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <chrono>
#include <cstdint>
#include <string>

// An order that is killed while it is at work: what the program that is killed, and the test that kills it,
// both know.
namespace crash {

struct order_placed {
    BOOST_HANA_DEFINE_STRUCT(order_placed, (std::string, order));
};
struct order_cancelled {
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
};
struct payment_received {
    BOOST_HANA_DEFINE_STRUCT(payment_received, (std::string, order), (std::int64_t, cents));
};
struct payment_timed_out {
    BOOST_HANA_DEFINE_STRUCT(payment_timed_out, (std::string, order));
};
struct orders : converge::module<"orders", order_placed, order_cancelled> {};
struct payments : converge::module<"payments", payment_received, payment_timed_out> {};

/// An effect, as the handler writes it down.
struct booked {
    BOOST_HANA_DEFINE_STRUCT(
        booked, (std::string, order), (std::string, what), (std::int64_t, cents),
        (converge::event_id, command));
};
/// In the runner's own store: written by `append_once` of the handler's context.
struct bookings : converge::module<"bookings", booked> {};
/// In a store of its own: written by the free `append_once`, before the runner knows that the handler
/// returns.
struct ledger : converge::module<"ledger", booked> {};

struct ship {
    BOOST_HANA_DEFINE_STRUCT(ship, (std::string, order));
};
struct recall {
    BOOST_HANA_DEFINE_STRUCT(recall, (std::string, order));
};
struct remind {
    BOOST_HANA_DEFINE_STRUCT(remind, (std::string, order));
};
struct withdraw_reminder {
    BOOST_HANA_DEFINE_STRUCT(withdraw_reminder, (std::string, order));
};
struct paid_cents : converge::sum<&payment_received::cents> {};
struct refund {
    BOOST_HANA_DEFINE_STRUCT(refund, (std::string, order), (std::int64_t, cents));
    static refund from(auto const& order) { return {std::string{order.key}, get<paid_cents>(order)}; }
};
struct reclaim {
    BOOST_HANA_DEFINE_STRUCT(reclaim, (std::string, order), (std::int64_t, cents));
    static reclaim from(auto const& order) { return {std::string{order.key}, 0}; }
};

struct placement {
    struct unknown;
    struct placed;
    using transitions = converge::transitions<
        converge::row<unknown, order_placed, placed>, converge::stay<placed, order_placed>>;
};
struct payment {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>, converge::row<awaiting, payment_timed_out, expired>,
        converge::row<expired, payment_received, paid>,
        converge::stay<paid, payment_received, payment_timed_out>,
        converge::stay<expired, payment_timed_out>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions = converge::transitions<
        converge::row<open, order_cancelled, cancelled>, converge::stay<cancelled, order_cancelled>>;
};

/// Short, so that many deadlines are due while the worker is dead.
inline constexpr std::chrono::milliseconds time_to_pay{100};

struct order_process {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<orders, payments>;
    using machines = converge::machines<placement, payment, cancellation>;
    using data = converge::folds<paid_cents>;
    using repeats = converge::repeats<payment_received>;
    using effects = converge::effects<
        converge::effect<
            converge::when<placement::placed, payment::awaiting, cancellation::open>,
            converge::deadline<payment_timed_out, converge::period{time_to_pay}>>,
        converge::effect<
            converge::when<payment::paid, cancellation::open>, ship, converge::undone_by<recall>>,
        converge::effect<converge::when<payment::expired>, remind, converge::undone_by<withdraw_reminder>>,
        converge::effect<
            converge::when<payment::paid, cancellation::cancelled>, refund,
            converge::adjusted_by<&refund::cents, &reclaim::cents>>>;
    static auto correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<order_process>);

} // namespace crash
