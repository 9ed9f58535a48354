// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/sqlite/connection.hpp>

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

namespace converge::detail {

struct finish_backup {
    void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};

/// Copies a database as it is at one moment. In one step, and so in one snapshot: writers do not wait, and
/// what they write meanwhile is not in the copy. The file has its name only when it is whole.
inline void back_up(sqlite_connection const& from, std::filesystem::path const& to) {
    if (to.empty() || std::filesystem::exists(to))
        from.refuse(
            store_trouble::invalid_argument, "cannot be backed up to '" + to.string() + "': " +
                                                 (to.empty() ? "the path is empty" : "the file exists"));
    auto part = to;
    part += ".part"; // what a backup that died left behind is written over
    std::filesystem::remove(part);
    struct remove_at_end {
        std::filesystem::path path;
        ~remove_at_end() {
            std::error_code ignored;
            std::filesystem::remove(path, ignored);
        }
    } const at_end{part};
    {
        sqlite_connection const copy{part, {}};
        std::unique_ptr<sqlite3_backup, finish_backup> backup{
            sqlite3_backup_init(copy.get(), "main", from.get(), "main")};
        if (!backup)
            copy.fail("begin a backup of " + from.path().string(), sqlite3_errcode(copy.get()));
        auto const stepped = sqlite3_backup_step(backup.get(), -1);
        auto const finished = sqlite3_backup_finish(backup.release());
        if (stepped != SQLITE_DONE)
            copy.fail("back up " + from.path().string(), stepped);
        if (finished != SQLITE_OK)
            copy.fail("end a backup of " + from.path().string(), finished);
    }
    std::filesystem::rename(part, to);
}

} // namespace converge::detail
