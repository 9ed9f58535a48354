// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

// The event log of the Road Traffic Fine Management Process (de Leoni and Mannhardt,
// doi:10.4121/uuid:270fd440-1057-4fb9-89a9-b699b47990f5).
namespace traffic_fines {

enum class activity : std::uint8_t {
    create_fine,
    send_fine,
    insert_notification,
    add_penalty,
    send_for_collection,
    payment,
    insert_appeal_date,
    send_appeal,
    receive_appeal_result,
    notify_appeal_result,
    appeal_to_judge
};

/// The activities as the log spells them, in the order of the enumeration.
inline constexpr std::array<std::string_view, 11> activity_names{
    "Create Fine",
    "Send Fine",
    "Insert Fine Notification",
    "Add penalty",
    "Send for Credit Collection",
    "Payment",
    "Insert Date Appeal to Prefecture",
    "Send Appeal to Prefecture",
    "Receive Result Appeal from Prefecture",
    "Notify Result Appeal to Offender",
    "Appeal to Judge"};

inline std::string_view text_of(activity what) { return activity_names[static_cast<std::size_t>(what)]; }

/// One event of the log. Sums are cents.
struct log_row {
    std::string case_id;
    activity what = activity::create_fine;
    std::chrono::sys_days day;
    std::int64_t amount = 0;        ///< of the fine (Create Fine), of fine and penalty (Add penalty)
    std::int64_t expense = 0;       ///< Send Fine
    std::int64_t payment = 0;       ///< Payment
    std::int64_t total_payment = 0; ///< Payment: all payments of the case up to here
    std::string dismissal;          ///< empty where the fine was not dismissed

    bool operator==(log_row const&) const = default;
};

/// What is wrong with a log: "FILE:LINE: what".
class log_error : public std::runtime_error {
public:
    log_error(std::string const& file, std::size_t line, std::string const& what)
        : std::runtime_error{file + (line == 0 ? "" : ":" + std::to_string(line)) + ": " + what} {}
};

inline std::optional<activity> parse_activity(std::string_view text) {
    for (std::size_t at = 0; at < activity_names.size(); ++at)
        if (activity_names[at] == text)
            return static_cast<activity>(at);
    return std::nullopt;
}

/// Whether text looks as the pattern says: '0' is any digit, everything else is itself.
constexpr bool looks_like(std::string_view text, std::string_view pattern) noexcept {
    if (text.size() != pattern.size())
        return false;
    for (std::size_t at = 0; at < text.size(); ++at)
        if (pattern[at] == '0' ? text[at] < '0' || text[at] > '9' : text[at] != pattern[at])
            return false;
    return true;
}

/// Whether text is what follows the day in ISO 8601: nothing, or 'T', a time, perhaps a fraction, perhaps a
/// zone.
constexpr bool is_time_of_day(std::string_view text) noexcept {
    if (text.empty())
        return true;
    if (text.size() < 9 || !looks_like(text.substr(0, 9), "T00:00:00") || text.substr(1, 2) > "23" ||
        text[4] > '5' || text.substr(7, 2) > "60") // a leap second
        return false;
    auto zone = text.substr(9);
    if (zone.starts_with('.')) {
        auto const end = std::min(zone.find_first_not_of("0123456789", 1), zone.size());
        if (end == 1)
            return false;
        zone.remove_prefix(end);
    }
    return zone.empty() || zone == "Z" || looks_like(zone, "+00:00") || looks_like(zone, "-00:00");
}

/// The day of an ISO 8601 date or date and time; the time is ignored, for the log has none.
inline std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
    if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !is_time_of_day(text.substr(10)))
        return std::nullopt;
    auto const number = [&](std::size_t from, std::size_t size) {
        int value = -1;
        auto const end = text.data() + from + size;
        return std::from_chars(text.data() + from, end, value).ptr == end ? value : -1;
    };
    auto const month = number(5, 2);
    auto const day = number(8, 2);
    if (number(0, 4) < 0 || month < 0 || day < 0)
        return std::nullopt;
    std::chrono::year_month_day const date{
        std::chrono::year{number(0, 4)}, std::chrono::month{static_cast<unsigned>(month)},
        std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days{date};
}

/// Cents of a sum in euros with at most two decimals, at most a billion euros: "36.0" is 3600.
inline std::optional<std::int64_t> parse_cents(std::string_view text) {
    auto const point = text.find('.');
    auto const whole = text.substr(0, point);
    auto decimals = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (whole.empty() || whole.size() > 9 || (point != std::string_view::npos && decimals.empty()))
        return std::nullopt;
    while (decimals.size() > 2 && decimals.back() == '0')
        decimals.remove_suffix(1);
    if (decimals.size() > 2)
        return std::nullopt;
    std::int64_t cents = 0;
    for (auto const digit : whole) {
        if (digit < '0' || digit > '9')
            return std::nullopt;
        cents = cents * 10 + (digit - '0');
    }
    for (std::size_t at = 0; at < 2; ++at) {
        auto const digit = at < decimals.size() ? decimals[at] : '0';
        if (digit < '0' || digit > '9')
            return std::nullopt;
        cents = cents * 10 + (digit - '0');
    }
    return cents;
}

} // namespace traffic_fines
