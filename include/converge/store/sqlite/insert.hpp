// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/sqlite/statement.hpp>

#include <sqlite3.h>

#include <concepts>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace converge::detail {

/// A row of a table: `into` is the table with its columns in parentheses, `columns` their number, `what` says
/// of a failure what was tried. `bind` binds them from the place `first` on; what they refer to must live
/// until the row is written.
template <class Row>
concept sqlite_row = requires(Row const& row, sqlite_statement const& to, int first) {
    { Row::into } -> std::convertible_to<std::string_view>;
    { Row::columns } -> std::convertible_to<int>;
    { Row::what } -> std::convertible_to<char const*>;
    row.bind(to, first);
};

/// A row was supposed not to be there, but is. Of those that were written with it, some may be written.
struct sqlite_wrong_guess : std::exception {
    char const* what() const noexcept override { return "a row is there already"; }
};

/// Inserts rows: one by one, or many by one statement, which costs a third less, for SQLite opens the table
/// and its indexes once for all of them. They are inserted `OR FAIL`: with the default, `OR ABORT`, it would
/// keep a copy of each page that they change, to take back a statement that fails half-way.
template <sqlite_row Row> class sqlite_insert {
public:
    /// As many are written by one statement.
    static constexpr std::size_t together = 32;

    explicit sqlite_insert(sqlite_connection const& on)
        : connection_{&on}, one_{on, sql("INSERT INTO ", 1), Row::what} {
        waiting_.reserve(together);
    }

    /// False: an index that is unique has one like it.
    bool write(Row const& row) const {
        sqlite_run const run{one_};
        row.bind(*run, 1);
        auto const code = run->try_step();
        if (code != SQLITE_DONE && code != SQLITE_CONSTRAINT_UNIQUE)
            run->fail(code);
        return code == SQLITE_DONE;
    }

    /// It is written with others, at the latest by `write_waiting`. Throws `sqlite_wrong_guess`.
    void write_later(Row const& row) {
        waiting_.push_back(row);
        if (waiting_.size() == together)
            write_all();
    }
    void write_waiting() {
        for (auto const& each : waiting_)
            if (!write(each))
                throw sqlite_wrong_guess{};
        waiting_.clear();
    }
    /// Those that wait, in their order. They may still be changed.
    std::span<Row> waiting() noexcept { return waiting_; }
    void forget_waiting() noexcept { waiting_.clear(); }

private:
    static std::string sql(std::string_view insert, std::size_t rows) {
        std::string row{"(?"};
        for (int column = 1; column < Row::columns; ++column)
            row += ", ?";
        row += ')';
        std::string all{insert};
        all.append(Row::into).append(" VALUES").append(row);
        for (std::size_t each = 1; each < rows; ++each)
            all.append(", ").append(row);
        return all;
    }

    void write_all() {
        if (!many_)
            many_.emplace(*connection_, sql("INSERT OR FAIL INTO ", together), Row::what);
        sqlite_run const run{*many_};
        int first = 1;
        for (auto const& row : waiting_) {
            row.bind(*run, first);
            first += Row::columns;
        }
        auto const code = run->try_step();
        if ((code & 0xFF) == SQLITE_CONSTRAINT)
            throw sqlite_wrong_guess{};
        if (code != SQLITE_DONE)
            run->fail(code);
        waiting_.clear();
    }

    sqlite_connection const* connection_;
    sqlite_statement one_;
    std::optional<sqlite_statement> many_; // made when it is needed
    std::vector<Row> waiting_;
};

} // namespace converge::detail
