// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>

namespace converge {

/// What survives when the power fails. A crash of the process alone loses nothing in either case.
enum class sqlite_synchronous {
    full,  ///< every commit is on the disk when the call returns
    normal ///< many times faster for small commits, but the last ones, acknowledged or not, may be gone after
           ///< a power failure; what is left is a whole, earlier state of the file
};

/// How a `sqlite_store` opens its file.
struct sqlite_options {
    sqlite_synchronous synchronous = sqlite_synchronous::full;
    /// How long a call waits for another process that writes, before it throws `busy`.
    std::chrono::milliseconds busy_timeout{5000};
    /// True: the file must exist, and is never written. (SQLite then still needs the files `-wal` and `-shm`
    /// beside it, or the right to create them.)
    bool read_only = false;
    /// How much memory the pages kept by this object may take, in bytes.
    std::size_t cache_size = std::size_t{64} << 20U;
};

} // namespace converge
