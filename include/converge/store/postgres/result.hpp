// SPDX-License-Identifier: MIT
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace converge::detail {

template <class Integer> Integer read_big_endian(char const* bytes) noexcept {
    std::uint64_t bits = 0;
    for (std::size_t byte = 0; byte < sizeof(Integer); ++byte)
        bits = bits << 8U | static_cast<unsigned char>(bytes[byte]);
    return static_cast<Integer>(bits);
}

struct clear_result {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using postgres_result = std::unique_ptr<PGresult, clear_result>;

/// One row of a result in binary format. Whoever asks for a type knows it from the statement. Views are valid
/// as long as the result.
class postgres_row {
public:
    postgres_row(PGresult const* result, int row) noexcept : result_{result}, row_{row} {}

    bool is_null(int column) const noexcept { return PQgetisnull(result_, row_, column) != 0; }
    std::string_view bytes(int column) const noexcept {
        return {
            PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
    }
    bool boolean(int column) const noexcept { return bytes(column) == std::string_view{"\1", 1}; }
    /// A `bigint`, an `integer` or a `timestamp with time zone`.
    std::int64_t integer(int column) const noexcept {
        auto const value = bytes(column);
        return value.size() == sizeof(std::int32_t)   ? read_big_endian<std::int32_t>(value.data())
               : value.size() == sizeof(std::int64_t) ? read_big_endian<std::int64_t>(value.data())
                                                      : 0;
    }
    /// A `bigint[]` without nulls.
    std::vector<std::int64_t> integers(int column) const {
        constexpr std::size_t header = 20;
        constexpr std::size_t each = 4 + sizeof(std::int64_t);
        std::vector<std::int64_t> values;
        auto const value = bytes(column);
        for (auto at = header; at + each <= value.size(); at += each)
            values.push_back(read_big_endian<std::int64_t>(value.data() + at + 4));
        return values;
    }

private:
    PGresult const* result_;
    int row_;
};

} // namespace converge::detail
