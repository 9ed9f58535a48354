// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>
#include <converge/store/sqlite/options.hpp>

#include <climits>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace converge::detail {

/// What a result code of SQLite, and the `errno` behind it, mean for the user of a store.
inline store_trouble trouble_of(int code, int system_error) noexcept {
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return store_trouble::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return store_trouble::busy;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return store_trouble::read_only;
    case SQLITE_CORRUPT:
    case SQLITE_CONSTRAINT: // our own statements break none unless the file contradicts itself
    case SQLITE_ERROR:      // and they fit the schema
        return store_trouble::corrupt;
    case SQLITE_NOTADB:
        return store_trouble::not_a_store;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        if (system_error == ENOSPC || system_error == EDQUOT)
            return store_trouble::full;
        if (system_error == EACCES || system_error == EPERM || system_error == EROFS)
            return store_trouble::read_only;
        return store_trouble::unavailable;
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
    sqlite_connection(std::filesystem::path path, sqlite_options const& options) : path_{std::move(path)} {
        if (path_.empty())
            throw store_error{store_trouble::invalid_argument, "the path of a SQLite store is empty"};
        // Absolute: ":memory:" is a file like any other, and a change of directory changes nothing.
        auto const full = std::filesystem::absolute(path_);
        auto const mode =
            options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        sqlite3* opened = nullptr;
        auto const code = sqlite3_open_v2(full.c_str(), &opened, mode | SQLITE_OPEN_NOMUTEX, nullptr);
        database_.reset(opened);
        if (code != SQLITE_OK)
            fail("open the file", code, options.read_only ? 0 : why_not_writable(full.parent_path()));
        sqlite3_extended_result_codes(opened, 1);
        auto const wait =
            std::clamp<std::chrono::milliseconds::rep>(options.busy_timeout.count(), 0, INT_MAX);
        sqlite3_busy_timeout(opened, static_cast<int>(wait));
        if (!options.read_only && sqlite3_db_readonly(opened, "main") == 1)
            throw store_error{
                store_trouble::read_only,
                path_.string() + ": cannot open the file for writing: it is read-only"};
    }

    sqlite3* get() const noexcept { return database_.get(); }
    /// As it was given.
    std::filesystem::path const& path() const noexcept { return path_; }
    /// Absolute, without symbolic links: one for all who open the file.
    std::filesystem::path real_path() const { return sqlite3_db_filename(database_.get(), "main"); }

    /// Throws `store_error`: "FILE: cannot WHAT: what SQLite says (what the system says)".
    [[noreturn]] void fail(std::string_view what, int code, int system_error = 0) const {
        auto const of_the_system = (code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_IOERR;
        if (system_error == 0 && database_ && of_the_system)
            system_error = sqlite3_system_errno(database_.get());
        std::string said = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
        if (system_error != 0)
            said += std::string{" ("} + std::strerror(system_error) + ")"; // NOLINT(concurrency-mt-unsafe)
        refuse(trouble_of(code, system_error), "cannot " + std::string{what} + ": " + said);
    }

    /// Throws `store_error`: "FILE: WHY".
    [[noreturn]] void refuse(store_trouble trouble, std::string const& why) const {
        throw store_error{trouble, path_.string() + ": " + why};
    }

    void execute(std::string const& sql, std::string_view what) const {
        auto const code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK)
            fail(what, code);
    }

private:
    /// SQLite tries again for reading only, and then reports a missing file where the directory is the cause.
    static int why_not_writable(std::filesystem::path const& directory) noexcept {
        return ::access(directory.c_str(), W_OK | X_OK) == 0 ? 0 : errno;
    }

    std::filesystem::path path_;
    std::unique_ptr<sqlite3, close_database> database_;
};

} // namespace converge::detail
