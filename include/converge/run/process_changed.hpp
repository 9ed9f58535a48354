// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>

namespace converge {

/// Instances in the store were made by another declaration of the process than this program's, and it does
/// not go on with them. `what()` says which declarations, and where the instances stand. Remedy: the program
/// of that declaration, or `migrate<evolves<Old, New>>(store)`.
class process_changed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace converge
