// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/legible.hpp>

#include <exception>
#include <string>

namespace converge::detail {

/// What the exception says that is being handled, as UTF-8. Call it in a `catch`.
inline std::string text_of_what_was_thrown() {
    try {
        throw;
    } catch (std::exception const& thrown) {
        return legible(thrown.what());
    } catch (...) {
        return "something that is no std::exception";
    }
}

} // namespace converge::detail
