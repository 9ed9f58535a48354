// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace converge {

/// What kind of trouble a store has.
enum class store_trouble {
    invalid_argument, ///< a name, size, encoding or batch the contract does not allow; nothing was written
    not_a_store,      ///< the file or database exists but is not ours
    newer_schema,     ///< it was written by a newer version of converge
    corrupt,          ///< what is stored contradicts itself
    read_only,        ///< it cannot be written
    full,             ///< no space left; nothing of the call was written
    busy,             ///< another process holds it for longer than the configured time
    in_use,           ///< a second runner of the same process manager
    unavailable,      ///< it cannot be opened or reached
    denied,           ///< the server does not allow this to the user who is connected
    lease_lost        ///< a record has not the revision that a fence asks for; nothing was written
};

/// Any failure of a store but a wrong version. `what()` names what and where; what was acknowledged is safe.
class store_error : public std::runtime_error {
public:
    store_error(store_trouble trouble, std::string const& message)
        : std::runtime_error{message}, trouble_{trouble} {}
    store_trouble trouble() const noexcept { return trouble_; }

private:
    store_trouble trouble_;
};

} // namespace converge
