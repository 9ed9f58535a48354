// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>

bool is_unavailable(char const* connection) {
    try {
        converge::postgres_store const store{connection};
        return false;
    } catch (converge::store_error const& error) {
        return error.trouble() == converge::store_trouble::unavailable;
    }
}
