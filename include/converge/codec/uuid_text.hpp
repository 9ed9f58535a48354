// SPDX-License-Identifier: MIT
#pragma once

#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid.hpp>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace converge::detail {

/// The UUID of its usual spelling, 36 characters, in whichever case; nothing for any other text.
inline std::optional<boost::uuids::uuid> parse_uuid(std::string_view text) {
    constexpr std::size_t spelled = 36; // Boost takes other spellings as well
    if (text.size() != spelled)
        return std::nullopt;
    try {
        return boost::uuids::string_generator{}(text.begin(), text.end());
    } catch (std::runtime_error const&) {
        return std::nullopt;
    }
}

} // namespace converge::detail
