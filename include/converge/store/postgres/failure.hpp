// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>
#include <converge/store/postgres/schema_records.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace converge::detail {

/// What an SQLSTATE means for the user of a store. Empty: the connection is lost, and nobody said why.
inline store_trouble trouble_of_sqlstate(std::string_view state) noexcept {
    auto const of_class = state.substr(0, 2);
    if (state == "53100") // disk_full
        return store_trouble::full;
    if (state == "25006") // read_only_sql_transaction: a standby, or set so
        return store_trouble::read_only;
    if (state == "42501" || of_class == "28") // insufficient_privilege, invalid_authorization_specification
        return store_trouble::denied;
    if (state == "55P03" || state == "57014" || state == "40001" || state == "40P01")
        return store_trouble::busy; // lock_not_available, query_canceled, serialization_failure,
                                    // deadlock_detected
    if (state == postgres_lease_lost)
        return store_trouble::lease_lost;
    // Our own statements fit the schema and break no constraint unless what is stored contradicts itself.
    if (of_class == "XX" || of_class == "23" || of_class == "42" || of_class == "22")
        return store_trouble::corrupt;
    return store_trouble::unavailable;
}

/// Whether the same call may succeed when it is made again a little later, on a new connection if need be.
inline bool is_transient_sqlstate(std::string_view state) noexcept {
    auto const of_class = state.substr(0, 2);
    // Connection exceptions, operator intervention but not a cancelled query, too many connections; and what
    // a transaction meets that was unlucky.
    return state.empty() || of_class == "08" || (of_class == "57" && state != "57014") || state == "53300" ||
           state == "40001" || state == "40P01";
}

/// A failed call to the server, before it is known whether it will be made again.
class postgres_failure : public store_error {
public:
    postgres_failure(std::string const& message, std::string state)
        : store_error{trouble_of_sqlstate(state), message}, state_{std::move(state)} {}

    /// Five characters of SQLSTATE; empty when the connection was lost.
    std::string const& state() const noexcept { return state_; }
    bool is_transient() const noexcept { return is_transient_sqlstate(state_); }
    /// Whether the connection is of no use after it: the server ends it, or nobody knows what it does.
    bool ends_connection() const noexcept {
        return is_transient() && !state_.starts_with("40"); // 40: only the transaction was unlucky
    }

private:
    std::string state_;
};

} // namespace converge::detail
