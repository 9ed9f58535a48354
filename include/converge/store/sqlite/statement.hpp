// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/sqlite/connection.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace converge::detail {

struct finalize_statement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

/// A prepared statement that is kept. What is bound must live until the statement is reset. `what` is a
/// literal, for messages.
class sqlite_statement {
public:
    sqlite_statement(sqlite_connection const& connection, std::string_view sql, char const* what)
        : connection_{&connection}, what_{what} {
        sqlite3_stmt* prepared = nullptr;
        auto const code = sqlite3_prepare_v3(
            connection.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &prepared,
            nullptr);
        if (code != SQLITE_OK)
            connection.fail(what, code);
        statement_.reset(prepared);
    }

    sqlite_connection const& connection() const noexcept { return *connection_; }

    void bind(int at, std::int64_t value) const { check(sqlite3_bind_int64(statement_.get(), at, value)); }
    void bind_text(int at, std::string_view text) const {
        check(
            sqlite3_bind_text64(statement_.get(), at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    void bind_bytes(int at, void const* bytes, std::size_t size) const {
        // A null pointer would be NULL and not empty.
        check(sqlite3_bind_blob64(statement_.get(), at, size == 0 ? "" : bytes, size, SQLITE_STATIC));
    }

    /// Whether there is a row. Throws `store_error`.
    bool step() const {
        auto const code = try_step();
        if (code != SQLITE_ROW && code != SQLITE_DONE)
            fail(code);
        return code == SQLITE_ROW;
    }
    int try_step() const noexcept { return sqlite3_step(statement_.get()); }
    [[noreturn]] void fail(int code) const { connection_->fail(what_, code); }

    bool is_null(int column) const noexcept {
        return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
    }
    std::int64_t integer(int column) const noexcept { return sqlite3_column_int64(statement_.get(), column); }
    /// Text or bytes, valid until the next step or reset.
    std::string_view bytes(int column) const noexcept {
        auto const* const first = static_cast<char const*>(sqlite3_column_blob(statement_.get(), column));
        auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
        return first == nullptr ? std::string_view{} : std::string_view{first, size};
    }

    void reset() const noexcept { sqlite3_reset(statement_.get()); }

private:
    void check(int code) const {
        if (code != SQLITE_OK)
            fail(code);
    }

    sqlite_connection const* connection_;
    char const* what_;
    std::unique_ptr<sqlite3_stmt, finalize_statement> statement_;
};

/// A run of a statement, which is reset at its end, also by an exception: an open read would hold back
/// checkpoints.
class sqlite_run {
public:
    explicit sqlite_run(sqlite_statement const& statement) noexcept : statement_{&statement} {}
    sqlite_run(sqlite_run const&) = delete;
    sqlite_run& operator=(sqlite_run const&) = delete;
    ~sqlite_run() { statement_->reset(); }

    sqlite_statement const& operator*() const noexcept { return *statement_; }
    sqlite_statement const* operator->() const noexcept { return statement_; }

private:
    sqlite_statement const* statement_;
};

/// The statements around writes, or around reads that are to be of one moment; kept like the others.
struct sqlite_transaction_statements {
    explicit sqlite_transaction_statements(
        sqlite_connection const& on, std::string_view begin_with = "BEGIN IMMEDIATE",
        char const* what = "start writing")
        : begin{on, begin_with, what}, commit{on, "COMMIT", "commit"}, rollback{on, "ROLLBACK", "roll back"} {
    }

    sqlite_statement begin;
    sqlite_statement commit;
    sqlite_statement rollback;
};

/// A transaction, rolled back unless it is committed: one that only reads need not be.
class sqlite_transaction {
public:
    explicit sqlite_transaction(sqlite_transaction_statements const& statements) : statements_{&statements} {
        sqlite_run const run{statements.begin};
        run->step();
    }
    sqlite_transaction(sqlite_transaction const&) = delete;
    sqlite_transaction& operator=(sqlite_transaction const&) = delete;
    ~sqlite_transaction() {
        // SQLite itself has rolled back after some errors.
        if (committed_ || sqlite3_get_autocommit(statements_->begin.connection().get()) != 0)
            return;
        sqlite_run const run{statements_->rollback};
        run->try_step();
    }
    void commit() {
        sqlite_run const run{statements_->commit};
        run->step();
        committed_ = true;
    }

private:
    sqlite_transaction_statements const* statements_;
    bool committed_ = false;
};

} // namespace converge::detail
