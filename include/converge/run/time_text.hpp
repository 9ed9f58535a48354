// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace converge::detail {

/// A time for people: "2000-01-01 00:15:00", UTC, with the fraction of the second (six digits) if there is
/// one. Complexity: constant.
inline std::string text_of_time(timestamp at) {
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const time{at - day};
    std::array<char, 64> text{};
    auto length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()));
    std::string made{text.data(), static_cast<std::size_t>(length)};
    if (auto const fraction = time.subseconds().count(); fraction != 0) {
        length = std::snprintf(text.data(), text.size(), ".%06d", static_cast<int>(fraction));
        made.append(text.data(), static_cast<std::size_t>(length));
    }
    return made;
}

} // namespace converge::detail
