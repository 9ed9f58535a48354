// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/validation.hpp>

#include <cstddef>
#include <cstdint>
#include <examples/traffic_fines/log/row.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace traffic_fines {

/// The fields of a row as text, whatever the file format. Empty where the row has none.
struct raw_row {
    std::string case_id, activity, timestamp, amount, expense, payment, total_payment, dismissal;
};

/// How a format writes `payment`.
enum class payment_unit {
    euros,
    /// The decimal point was lost: "870.0" is 87.0 euros, "4925.0" is 49.25. The total of the payments, which
    /// has its point, tells which.
    digits
};

/// Turns the text of rows into rows, and says what is wrong with them.
class row_builder {
public:
    row_builder(std::string file, payment_unit unit) : file_{std::move(file)}, unit_{unit} {}

    log_row build(raw_row const& raw, std::size_t line) {
        if (raw.case_id.empty())
            throw log_error{file_, line, "the row has no case"};
        require_text("case", raw.case_id, line);
        if (!raw.dismissal.empty())
            require_text("dismissal", raw.dismissal, line);
        log_row row;
        row.case_id = raw.case_id;
        auto const what = parse_activity(raw.activity);
        if (!what)
            throw unknown_activity(raw.activity, line);
        row.what = *what;
        auto const day = parse_day(raw.timestamp);
        if (!day)
            throw log_error{file_, line, "the timestamp is no date: '" + raw.timestamp + "'"};
        row.day = *day;
        if (row.what == activity::create_fine || row.what == activity::add_penalty)
            row.amount = cents("amount", raw.amount, line);
        if (row.what == activity::send_fine)
            row.expense = cents("expense", raw.expense, line);
        if (row.what == activity::payment)
            read_payment(raw, row, line);
        if (raw.dismissal != "NIL")
            row.dismissal = raw.dismissal;
        return row;
    }

private:
    // What a store would refuse later, without a line: other encodings than UTF-8, NUL, great lengths.
    void require_text(std::string_view what, std::string const& text, std::size_t line) const {
        constexpr std::size_t longest = 1000;
        try {
            converge::detail::require_name(what, text, longest);
        } catch (converge::store_error const& refused) {
            throw log_error{file_, line, std::string{"the "} + refused.what()};
        }
    }

    log_error unknown_activity(std::string const& found, std::size_t line) const {
        std::string known;
        for (auto const name : activity_names)
            known += (known.empty() ? "" : ", ") + std::string{name};
        return {file_, line, "unknown activity '" + found + "'; known are: " + known};
    }

    std::int64_t cents(std::string_view what, std::string const& text, std::size_t line) const {
        auto const value = parse_cents(text);
        if (!value)
            throw log_error{file_, line, "the " + std::string{what} + " is no sum of money: '" + text + "'"};
        return *value;
    }

    void read_payment(raw_row const& raw, log_row& row, std::size_t line) {
        row.payment = cents("paymentamount", raw.payment, line);
        row.total_payment = cents("totalpaymentamount", raw.total_payment, line);
        auto& before = totals_[row.case_id];
        if (unit_ == payment_unit::digits) {
            if (row.payment % 100 != 0)
                throw log_error{file_, line, "the paymentamount has decimals: '" + raw.payment + "'"};
            auto const with_one_decimal = row.payment / 10;
            auto const with_two_decimals = row.payment / 100;
            auto const increase = row.total_payment - before;
            if (with_one_decimal == increase ||
                (with_two_decimals != increase && with_one_decimal <= row.total_payment))
                row.payment = with_one_decimal;
            else if (with_two_decimals <= row.total_payment)
                row.payment = with_two_decimals;
            else
                throw log_error{
                    file_, line,
                    "the paymentamount '" + raw.payment + "' is more than the totalpaymentamount '" +
                        raw.total_payment + "'"};
        }
        before = row.total_payment;
    }

    std::string file_;
    payment_unit unit_;
    std::unordered_map<std::string, std::int64_t> totals_; // of the payments of each case
};

} // namespace traffic_fines
