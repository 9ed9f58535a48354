// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <string>

namespace converge::detail {

/// What the exception says that is being handled. Call it in a `catch`.
inline std::string text_of_what_was_thrown() {
    try {
        throw;
    } catch (std::exception const& thrown) {
        return thrown.what();
    } catch (...) {
        return "something that is no std::exception";
    }
}

} // namespace converge::detail
