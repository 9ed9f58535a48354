// SPDX-License-Identifier: MIT
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <examples/traffic_fines/events.hpp>
#include <examples/traffic_fines/log/row.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace traffic_fines {

/// Calls `take(module type, event)` with the event that a row of the log is.
template <class Take> void for_event_of(log_row const& row, Take&& take) {
    auto const& fine = row.case_id;
    using std::type_identity;
    switch (row.what) {
    case activity::create_fine:
        return take(type_identity<police::module>{}, police::fine_created{fine, row.amount, row.dismissal});
    case activity::send_fine:
        return take(type_identity<police::module>{}, police::fine_sent{fine, row.expense});
    case activity::insert_notification:
        return take(type_identity<police::module>{}, police::notification_inserted{fine});
    case activity::add_penalty:
        return take(type_identity<police::module>{}, police::payment_timed_out{fine, row.amount});
    case activity::send_for_collection:
        return take(type_identity<police::module>{}, police::collection_fell_due{fine});
    case activity::payment:
        return take(type_identity<payments::module>{}, payments::payment_received{fine, row.payment});
    case activity::insert_appeal_date:
        return take(type_identity<appeals::module>{}, appeals::appeal_date_inserted{fine});
    case activity::send_appeal:
        return take(type_identity<appeals::module>{}, appeals::appeal_sent{fine, row.dismissal});
    case activity::receive_appeal_result:
        return take(type_identity<appeals::module>{}, appeals::result_received{fine});
    case activity::notify_appeal_result:
        return take(type_identity<appeals::module>{}, appeals::result_notified{fine});
    case activity::appeal_to_judge:
        return take(type_identity<appeals::module>{}, appeals::appealed_to_judge{fine, row.dismissal});
    }
}

/// Appends the events of a log to the three modules, in batches. An event's id is made of all that its row
/// says and of how many equal rows came before in its case, so that importing a log again, from the start or
/// after a crash, changes nothing.
template <converge::event_log Store> class importer {
public:
    importer(Store& store, std::size_t batch_size) : store_{&store}, batch_size_{batch_size} {}

    void add(log_row const& row) {
        auto const id = converge::name_based_id(
            std::string_view{"traffic fines"}, std::string_view{row.case_id}, text_of(row.what),
            static_cast<std::uint64_t>(row.day.time_since_epoch().count()),
            static_cast<std::uint64_t>(row.amount), static_cast<std::uint64_t>(row.expense),
            static_cast<std::uint64_t>(row.payment), static_cast<std::uint64_t>(row.total_payment),
            std::string_view{row.dismissal});
        auto const repeated = seen_[id]++;
        for_event_of(row, [&]<class Module>(std::type_identity<Module>, auto const& event) {
            outbox_.add(
                Module::module_name, row.case_id, converge::expected_version::any(),
                converge::encode_event(event, repeated == 0 ? id : converge::name_based_id(id, repeated)));
        });
        ++rows_;
        if (outbox_.size() >= batch_size_)
            flush();
    }

    void flush() {
        if (outbox_.size() == 0)
            return;
        auto const done = outbox_.write(*store_, {});
        for (auto const& each : done.value())
            added_ += each.repeated ? 0U : 1U;
        outbox_.clear();
    }

    /// Rows given, and of these the events that the store did not have yet.
    std::size_t rows() const noexcept { return rows_; }
    std::size_t added() const noexcept { return added_; }

private:
    struct id_hash {
        std::size_t operator()(converge::event_id const& id) const noexcept {
            return boost::uuids::hash_value(id);
        }
    };
    Store* store_;
    std::size_t batch_size_;
    std::size_t rows_ = 0;
    std::size_t added_ = 0;
    // In the whole log, for it may be sorted by time and not by case.
    boost::unordered_flat_map<converge::event_id, std::uint64_t, id_hash> seen_;
    converge::detail::outbox outbox_;
};

} // namespace traffic_fines
