// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace converge::detail {

/// What a result code of SQLite means for the user of a store.
inline store_trouble trouble_of(int code) {
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return store_trouble::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return store_trouble::busy;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return store_trouble::read_only;
    case SQLITE_CORRUPT:
        return store_trouble::corrupt;
    case SQLITE_NOTADB:
        return store_trouble::not_a_store;
    default:
        return store_trouble::unavailable;
    }
}

struct close_database {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};

/// An open database file. One thread at a time.
class sqlite_connection {
public:
    sqlite_connection(std::filesystem::path path, bool read_only) : path_{std::move(path)} {
        sqlite3* opened = nullptr;
        auto const flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        auto const code = sqlite3_open_v2(path_.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
        database_.reset(opened);
        if (code != SQLITE_OK)
            fail("open the file", code);
        sqlite3_extended_result_codes(opened, 1);
    }

    sqlite3* get() const noexcept { return database_.get(); }
    std::filesystem::path const& path() const noexcept { return path_; }

    /// Throws `store_error`: "FILE: cannot WHAT: what SQLite says".
    [[noreturn]] void fail(std::string_view what, int code) const {
        std::string const said = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
        throw store_error{trouble_of(code), path_.string() + ": cannot " + std::string{what} + ": " + said};
    }

    void execute(char const* sql, std::string_view what) const {
        auto const code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK)
            fail(what, code);
    }

    /// An integer that a pragma or a query gives.
    std::int64_t number(std::string const& sql, std::string_view what) const;

private:
    std::filesystem::path path_;
    std::unique_ptr<sqlite3, close_database> database_;
};

struct finalize_statement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

/// A prepared statement that is kept. Text and bytes that are bound must live until the statement is reset.
class sqlite_statement {
public:
    sqlite_statement(sqlite_connection const& connection, std::string_view sql, std::string_view what)
        : connection_{&connection}, what_{what} {
        sqlite3_stmt* prepared = nullptr;
        auto const code = sqlite3_prepare_v3(
            connection.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &prepared,
            nullptr);
        if (code != SQLITE_OK)
            connection.fail(what, code);
        statement_.reset(prepared);
    }

    void bind(int at, std::int64_t value) const { check(sqlite3_bind_int64(statement_.get(), at, value)); }
    void bind_text(int at, std::string_view text) const {
        check(
            sqlite3_bind_text64(statement_.get(), at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    void bind_bytes(int at, void const* bytes, std::size_t size) const {
        // A null pointer would be NULL and not empty.
        check(sqlite3_bind_blob64(statement_.get(), at, size == 0 ? "" : bytes, size, SQLITE_STATIC));
    }

    /// Whether there is a row.
    bool step() const {
        auto const code = sqlite3_step(statement_.get());
        if (code == SQLITE_ROW)
            return true;
        if (code == SQLITE_DONE)
            return false;
        connection_->fail(what_, code);
    }

    std::int64_t integer(int column) const noexcept { return sqlite3_column_int64(statement_.get(), column); }
    std::string_view text(int column) const noexcept {
        auto const* bytes = sqlite3_column_blob(statement_.get(), column);
        auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
        return bytes == nullptr ? std::string_view{}
                                : std::string_view{static_cast<char const*>(bytes), size};
    }

    void reset() const noexcept { sqlite3_reset(statement_.get()); }

private:
    void check(int code) const {
        if (code != SQLITE_OK)
            connection_->fail(what_, code);
    }

    sqlite_connection const* connection_;
    std::string_view what_;
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
    sqlite_statement const* operator->() const noexcept { return statement_; }

private:
    sqlite_statement const* statement_;
};

inline std::int64_t sqlite_connection::number(std::string const& sql, std::string_view what) const {
    sqlite_statement const statement{*this, sql, what};
    return statement.step() ? statement.integer(0) : 0;
}

/// A write transaction, rolled back unless it is committed.
class sqlite_transaction {
public:
    sqlite_transaction(sqlite_connection const& connection, std::string_view what)
        : connection_{&connection}, what_{what} {
        connection.execute("BEGIN IMMEDIATE", what);
    }
    sqlite_transaction(sqlite_transaction const&) = delete;
    sqlite_transaction& operator=(sqlite_transaction const&) = delete;
    ~sqlite_transaction() {
        if (!done_)
            sqlite3_exec(connection_->get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    void commit() {
        connection_->execute("COMMIT", what_);
        done_ = true;
    }

private:
    sqlite_connection const* connection_;
    std::string_view what_;
    bool done_ = false;
};

} // namespace converge::detail
