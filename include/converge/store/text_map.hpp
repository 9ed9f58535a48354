// SPDX-License-Identifier: MIT
#pragma once

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace converge::detail {

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return boost::hash<std::string_view>{}(text);
    }
};

struct text_equal {
    using is_transparent = void;
    bool operator()(std::string_view one, std::string_view other) const noexcept { return one == other; }
};

/// A hash map by text that is looked up without making a string.
template <class Value> using text_map = boost::unordered_flat_map<std::string, Value, text_hash, text_equal>;

} // namespace converge::detail
