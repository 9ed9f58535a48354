// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>
#include <converge/store/sqlite/schema.hpp>
#include <converge/store/sqlite/statement.hpp>
#include <converge/store/validation.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

// Numbers of a file that are counted on. Who changes rows by hand may put any number there; one that no
// append writes is an error, before it is the beginning of a wrong history.
namespace converge::detail {

struct sqlite_module_row {
    std::int64_t id = 0;
    std::int64_t head = 0;
};

/// The columns id and head of the table `module`. Throws `store_error` (`corrupt`).
inline sqlite_module_row module_row_of(sqlite_statement const& row, std::string_view module) {
    sqlite_module_row const found{row.integer(0), row.integer(1)};
    auto const require = [&](std::int64_t value, std::int64_t least, std::int64_t greatest,
                             char const* what) {
        if (value < least || value > greatest)
            row.connection().refuse(
                store_trouble::corrupt, std::string{what} + " of module " + shown(module) + " is " +
                                            std::to_string(value) + ", which is none");
    };
    require(found.id, 1, sqlite_greatest_module, "the number");
    require(found.head, 0, sqlite_position_mask, "the last position");
    return found;
}

/// The version of a stream that is there. Throws `store_error` (`corrupt`).
inline std::int64_t stream_version_of(sqlite_statement const& row, int column, std::string_view stream) {
    auto const version = row.integer(column);
    if (version < 1 || version > sqlite_position_mask)
        row.connection().refuse(
            store_trouble::corrupt,
            "the version of stream " + shown(stream) + " is " + std::to_string(version) + ", which is none");
    return version;
}

/// The number after the greatest one in use. Throws `store_error` (`full`).
inline std::int64_t
next_number(sqlite_connection const& connection, std::int64_t greatest, std::string_view of_what) {
    if (greatest == std::numeric_limits<std::int64_t>::max())
        connection.refuse(store_trouble::full, "has used up the numbers of its " + std::string{of_what});
    return greatest + 1;
}

} // namespace converge::detail
