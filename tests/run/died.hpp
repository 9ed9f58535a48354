// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>

/// What a store throws that dies in the midst of its work.
struct died : std::runtime_error {
    died() : std::runtime_error{"died"} {}
};
