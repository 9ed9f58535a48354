// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <fstream>
#include <malloc.h>
#include <unistd.h>

/// Of this process, in bytes: /proc/self/statm counts pages.
inline double resident_memory() {
    std::size_t size = 0;
    std::size_t resident = 0;
    std::ifstream{"/proc/self/statm"} >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// What is in use of what the allocator has given out, in bytes.
inline double allocated_memory() {
    auto const now = ::mallinfo2();
    return static_cast<double>(now.uordblks) + static_cast<double>(now.hblkhd);
}
