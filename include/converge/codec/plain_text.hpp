// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace converge::detail {

/// Whether a byte stands for itself in a JSON string, and is a character by itself in UTF-8.
constexpr bool is_plain(char each) noexcept {
    auto const byte = static_cast<unsigned char>(each);
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/// How many bytes at the beginning are plain: all of almost every name and key. Looks at eight at a time, as
/// in Warren, Hacker's Delight, 6-1.
inline std::size_t plain_prefix(std::string_view text) noexcept {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    constexpr std::uint64_t highest = ones * 0x80;
    // Where a byte is less than `bound` its highest bit is set, and perhaps those of bytes after it.
    constexpr auto less = [](std::uint64_t bytes, std::uint64_t bound) {
        return (bytes - ones * bound) & ~bytes;
    };
    std::size_t at = 0;
    for (std::uint64_t bytes = 0; text.size() - at >= sizeof bytes; at += sizeof bytes) {
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        auto const special =
            bytes | less(bytes, 0x20) | less(bytes ^ ones * '"', 1) | less(bytes ^ ones * '\\', 1);
        if ((special & highest) != 0)
            break;
    }
    while (at < text.size() && is_plain(text[at]))
        ++at;
    return at;
}

} // namespace converge::detail
