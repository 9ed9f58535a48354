// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace converge::detail {

/// A time for messages: "2026-01-31 23:59:59 UTC". What is less than a second is cut off.
inline std::string text_of_time(timestamp at) {
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const time{std::chrono::floor<std::chrono::seconds>(at) - day};
    std::array<char, 64> text{};
    auto const length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace converge::detail
