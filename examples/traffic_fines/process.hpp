// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <examples/traffic_fines/events.hpp>
#include <string>

namespace traffic_fines {

using converge::any_of, converge::effect, converge::fails, converge::holds, converge::if_, converge::none_of,
    converge::row, converge::stay, converge::unless, converge::when;

// --- small machines, each easy to check by eye; events come from three modules in no common order
// ----------------------

struct fine {
    struct unknown; // a payment or an appeal may be read before the fine itself
    struct issued;
    struct notified;
    using transitions = converge::transitions<
        row<unknown, police::fine_created, issued>, row<unknown, police::notification_inserted, notified>,
        row<issued, police::notification_inserted, notified>, stay<issued, police::fine_created>,
        stay<notified, police::fine_created, police::notification_inserted>>;
};

struct payment {
    struct none;
    struct some;
    using transitions = converge::transitions<
        row<none, payments::payment_received, some>, stay<some, payments::payment_received>>;
};

struct payment_term {
    struct running;
    struct over;
    using transitions = converge::transitions<
        row<running, police::payment_timed_out, over>, stay<over, police::payment_timed_out>>;
};

struct collection {
    struct not_due;
    struct due;
    using transitions = converge::transitions<
        row<not_due, police::collection_fell_due, due>, stay<due, police::collection_fell_due>>;
};

struct appeal {
    struct none;
    struct pending;
    struct decided;
    using transitions = converge::transitions<
        row<none, appeals::appeal_date_inserted, pending>, row<none, appeals::appeal_sent, pending>,
        row<none, appeals::appealed_to_judge, pending>, row<none, appeals::result_received, decided>,
        row<none, appeals::result_notified, decided>, //
        row<pending, appeals::result_received, decided>, row<pending, appeals::result_notified, decided>,
        stay<pending, appeals::appeal_date_inserted, appeals::appeal_sent, appeals::appealed_to_judge>,
        stay<
            decided, appeals::appeal_date_inserted, appeals::appeal_sent, appeals::appealed_to_judge,
            appeals::result_received, appeals::result_notified>>;
};

/// The event says that the fine is dismissed. A guard over the event alone: the check stays exact.
struct dismisses {
    bool operator()(auto const& event) const { return !event.dismissal.empty(); }
};

struct dismissal {
    struct standing;
    struct dismissed;
    template <class Event> using decides = row<standing, if_<Event, dismisses>, dismissed>;
    using transitions = converge::transitions<
        decides<police::fine_created>, decides<appeals::appeal_sent>, decides<appeals::appealed_to_judge>,
        stay<
            standing, unless<police::fine_created, dismisses>, unless<appeals::appeal_sent, dismisses>,
            unless<appeals::appealed_to_judge, dismisses>>,
        stay<dismissed, police::fine_created, appeals::appeal_sent, appeals::appealed_to_judge>>;
};

// --- data: folds that do not depend on the order
// -----------------------------------------------------------------------

struct paid : converge::sum<&payments::payment_received::cents> {};
struct amount : converge::maximum<&police::fine_created::amount, &police::payment_timed_out::amount> {};
struct expense : converge::maximum<&police::fine_sent::expense> {};

/// What is to be paid: the fine, with the penalty once it is added, and the expense of sending it; 0 as long
/// as the fine is not known.
constexpr std::int64_t due_of(auto const& data) {
    return get<amount>(data).value_or(0) + get<expense>(data).value_or(0);
}

struct paid_in_full {
    bool operator()(auto const& data) const {
        return get<amount>(data).has_value() && get<paid>(data) >= due_of(data);
    }
};
struct overpaid {
    bool operator()(auto const& data) const {
        return get<amount>(data).has_value() && get<paid>(data) > due_of(data);
    }
};

// --- commands
// ----------------------------------------------------------------------------------------------------------

struct add_penalty {
    BOOST_HANA_DEFINE_STRUCT(add_penalty, (std::string, fine), (std::int64_t, amount));
    static add_penalty from(auto const& fine) {
        return {std::string{fine.key}, get<traffic_fines::amount>(fine).value_or(0)};
    }
};
struct waive_penalty {
    BOOST_HANA_DEFINE_STRUCT(waive_penalty, (std::string, fine));
};
struct send_to_collection {
    BOOST_HANA_DEFINE_STRUCT(send_to_collection, (std::string, fine));
};
struct recall_from_collection {
    BOOST_HANA_DEFINE_STRUCT(recall_from_collection, (std::string, fine));
};
/// All that was paid on a dismissed fine, else what was paid too much. Partial payments in any order around
/// the dismissal refund the same sum.
struct refund {
    BOOST_HANA_DEFINE_STRUCT(refund, (std::string, fine), (std::int64_t, cents));
    static refund from(auto const& fine) {
        auto const kept = is_in<dismissal::dismissed>(fine) ? 0 : due_of(fine);
        return {std::string{fine.key}, get<paid>(fine) - kept};
    }
};
struct reclaim_refund {
    BOOST_HANA_DEFINE_STRUCT(reclaim_refund, (std::string, fine), (std::int64_t, cents));
    static reclaim_refund from(auto const& fine) { return {std::string{fine.key}, 0}; }
};

// --- the whole
// ---------------------------------------------------------------------------------------------------------

struct fine_process {
    static constexpr converge::name name{"fine"};
    using home = fines::module;
    using reads = converge::reads<police::module, payments::module, appeals::module>;
    using machines = converge::machines<fine, payment, payment_term, collection, appeal, dismissal>;
    using repeats = converge::repeats<payments::payment_received>;
    using data = converge::folds<paid, amount, expense>;
    using effects = converge::effects<
        effect<
            when<payment_term::over, dismissal::standing>, add_penalty, converge::undone_by<waive_penalty>>,
        effect<
            when<collection::due, dismissal::standing, fails<paid_in_full>>, send_to_collection,
            converge::undone_by<recall_from_collection>>,
        effect<
            when<any_of<dismissal::dismissed, holds<overpaid>>>, refund,
            converge::adjusted_by<&refund::cents, &reclaim_refund::cents>>>;
    static auto correlate(auto const& event) { return event.fine; }
};
static_assert(converge::verified<fine_process>);

} // namespace traffic_fines
