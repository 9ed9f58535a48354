// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/sqlite/options.hpp>
#include <converge/store/sqlite/schema.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What floors on SQLite have in common: a file with the store's tables, indexes and settings, used through
/// the C API, with statements that are prepared once and known by their numbers.
class sqlite_by_hand {
protected:
    sqlite_by_hand(std::filesystem::path const& path, converge::sqlite_synchronous synchronous) {
        bool const is_there = std::filesystem::exists(path); // a store's own file
        sqlite3* made = nullptr;
        check(sqlite3_open(path.c_str(), &made));
        connection_.reset(made);
        execute("PRAGMA journal_mode = WAL");
        if (!is_there)
            execute(converge::detail::sqlite_version_1);
        execute(
            synchronous == converge::sqlite_synchronous::full ? "PRAGMA synchronous = FULL"
                                                              : "PRAGMA synchronous = NORMAL");
        execute("PRAGMA wal_autocheckpoint = 8192; PRAGMA cell_size_check = ON; PRAGMA cache_size = -65537");
    }

    void check(int code) const {
        if (code != SQLITE_OK && code != SQLITE_DONE)
            throw std::runtime_error{std::string{"the floor: "} + sqlite3_errstr(code)};
    }
    void execute(char const* sql) const {
        check(sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr));
    }
    /// Numbered as they come.
    void prepare(std::initializer_list<char const*> all) {
        for (auto const* const sql : all) {
            sqlite3_stmt* made = nullptr;
            check(sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr));
            statements_.emplace_back(made);
        }
    }
    sqlite3_stmt* of(std::size_t which) const noexcept { return statements_[which].get(); }
    void bind(std::size_t which, int at, std::int64_t value) const {
        sqlite3_bind_int64(of(which), at, value);
    }
    void bind(std::size_t which, int at, std::string_view value) const {
        sqlite3_bind_text64(of(which), at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    void bind_bytes(std::size_t which, int at, void const* first, std::size_t size) const {
        sqlite3_bind_blob64(of(which), at, first, size, SQLITE_STATIC);
    }
    void run(std::size_t which) const {
        check(sqlite3_step(of(which)));
        sqlite3_reset(of(which));
    }
    std::string_view bytes(std::size_t which, int column) const {
        auto const* const first = static_cast<char const*>(sqlite3_column_blob(of(which), column));
        return {first, static_cast<std::size_t>(sqlite3_column_bytes(of(which), column))};
    }

private:
    struct close_connection {
        void operator()(sqlite3* each) const noexcept { sqlite3_close_v2(each); }
    };
    struct finalize {
        void operator()(sqlite3_stmt* each) const noexcept { sqlite3_finalize(each); }
    };
    std::unique_ptr<sqlite3, close_connection> connection_;
    std::vector<std::unique_ptr<sqlite3_stmt, finalize>> statements_;
};
