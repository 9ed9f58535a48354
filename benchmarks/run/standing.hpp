// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

/// Where one order stands, and what has been asked for it: the commands that were sent less those that were
/// taken back. All contenders must come to the same, in whatever order they have taken the events.
struct standing {
    bool placed = false;
    bool paid = false;
    bool expired = false;
    bool cancelled = false;
    bool delivered = false;
    std::int64_t cents = 0;
    std::int64_t shipped = 0; ///< less what was recalled
    std::int64_t refunded = 0;
    std::int64_t invoiced = 0;

    /// A line of text; the peers write the same.
    std::string line(std::string const& order) const {
        return order + (placed ? " placed" : " unknown") +
               (paid      ? " paid"
                : expired ? " expired"
                          : " awaiting") +
               (cancelled ? " cancelled" : " open") + (delivered ? " delivered " : " waiting ") +
               std::to_string(cents) + ' ' + std::to_string(shipped) + ' ' + std::to_string(refunded) + ' ' +
               std::to_string(invoiced);
    }
};

/// Of all orders, in whatever order: the sum of the FNV-1a hashes of their lines.
class checksum {
public:
    void add(std::string const& line) noexcept {
        std::uint64_t hash = 0xcbf29ce484222325U;
        for (auto const byte : line)
            hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
        sum_ += hash;
    }
    std::uint64_t value() const noexcept { return sum_; }

private:
    std::uint64_t sum_ = 0;
};
