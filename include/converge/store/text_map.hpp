// SPDX-License-Identifier: MIT
#pragma once

#include <converge/dispatch/wire_name_index.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace converge::detail {

struct text_hash {
    using is_transparent = void;
    using is_avalanching = void; // a word to Boost.Unordered: it need not mix the bits once more
    std::size_t operator()(std::string_view text) const noexcept {
        return static_cast<std::size_t>(hash_name(text));
    }
};

struct text_equal {
    using is_transparent = void;
    bool operator()(std::string_view one, std::string_view other) const noexcept { return one == other; }
};

/// A hash map by text that is looked up without making a string.
template <class Value> using text_map = boost::unordered_flat_map<std::string, Value, text_hash, text_equal>;

} // namespace converge::detail
