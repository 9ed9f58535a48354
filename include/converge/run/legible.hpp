// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/validation.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace converge::detail {

/// Text with U+FFFD, the replacement character, for each byte that is not UTF-8: what a handler throws and
/// what a damaged database names may be any bytes, and has to be parked, and told, all the same.
inline std::string legible(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto const length = utf8_sequence(text.substr(at));
        out += length == 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(at, length);
        at += length == 0 ? 1 : length;
    }
    return out;
}

} // namespace converge::detail
