// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>

#include <cstdint>
#include <string>

// Three bounded contexts, each with a log and a position sequence of its own. Sums are cents.

namespace traffic_fines::police {

struct fine_created {
    BOOST_HANA_DEFINE_STRUCT(
        fine_created, (std::string, fine), (std::int64_t, amount), (std::string, dismissal));
};
struct fine_sent {
    BOOST_HANA_DEFINE_STRUCT(fine_sent, (std::string, fine), (std::int64_t, expense));
};
struct notification_inserted {
    BOOST_HANA_DEFINE_STRUCT(notification_inserted, (std::string, fine));
};
/// The 60 days after the notification are over; `amount` is the fine with the penalty. "Add penalty" in the
/// log.
struct payment_timed_out {
    BOOST_HANA_DEFINE_STRUCT(payment_timed_out, (std::string, fine), (std::int64_t, amount));
};
/// The year is over and what is open goes to credit collection. "Send for Credit Collection" in the log.
struct collection_fell_due {
    BOOST_HANA_DEFINE_STRUCT(collection_fell_due, (std::string, fine));
};
struct module
    : converge::module<
          "police", fine_created, fine_sent, notification_inserted, payment_timed_out, collection_fell_due> {
};

} // namespace traffic_fines::police

namespace traffic_fines::payments {

struct payment_received {
    BOOST_HANA_DEFINE_STRUCT(payment_received, (std::string, fine), (std::int64_t, cents));
};
struct module : converge::module<"payments", payment_received> {};

} // namespace traffic_fines::payments

namespace traffic_fines::appeals {

struct appeal_date_inserted {
    BOOST_HANA_DEFINE_STRUCT(appeal_date_inserted, (std::string, fine));
};
struct appeal_sent {
    BOOST_HANA_DEFINE_STRUCT(appeal_sent, (std::string, fine), (std::string, dismissal));
};
struct result_received {
    BOOST_HANA_DEFINE_STRUCT(result_received, (std::string, fine));
};
struct result_notified {
    BOOST_HANA_DEFINE_STRUCT(result_notified, (std::string, fine));
};
struct appealed_to_judge {
    BOOST_HANA_DEFINE_STRUCT(appealed_to_judge, (std::string, fine), (std::string, dismissal));
};
struct module
    : converge::module<
          "appeals", appeal_date_inserted, appeal_sent, result_received, result_notified, appealed_to_judge> {
};

} // namespace traffic_fines::appeals

// Where the effects of the process happen: a ledger of its own.
namespace traffic_fines::ledger {

struct penalty_added {
    BOOST_HANA_DEFINE_STRUCT(penalty_added, (std::string, fine), (std::int64_t, amount));
};
struct penalty_waived {
    BOOST_HANA_DEFINE_STRUCT(penalty_waived, (std::string, fine));
};
struct collection_ordered {
    BOOST_HANA_DEFINE_STRUCT(collection_ordered, (std::string, fine));
};
struct collection_recalled {
    BOOST_HANA_DEFINE_STRUCT(collection_recalled, (std::string, fine));
};
struct money_refunded {
    BOOST_HANA_DEFINE_STRUCT(money_refunded, (std::string, fine), (std::int64_t, cents));
};
struct money_reclaimed {
    BOOST_HANA_DEFINE_STRUCT(money_reclaimed, (std::string, fine), (std::int64_t, cents));
};
struct module : converge::module<
                    "ledger", penalty_added, penalty_waived, collection_ordered, collection_recalled,
                    money_refunded, money_reclaimed> {};

} // namespace traffic_fines::ledger

// The process manager is a bounded context too: its records are in a log of their own.
namespace traffic_fines::fines {

struct module : converge::module<"fines"> {};

} // namespace traffic_fines::fines
