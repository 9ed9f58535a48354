// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace converge::detail {

/// An exclusive `flock` on a file beside the database. The kernel frees it when the process ends, however it
/// ends.
class runner_lock {
public:
    runner_lock(std::filesystem::path const& database, std::string_view process) {
        auto path = database;
        path += "-runner-" + encoded(process);
        file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file_ < 0)
            throw store_error{
                store_trouble::read_only,
                path.string() + ": cannot open the lock file: " + std::strerror(errno)};
        if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
            auto const holder = read_holder();
            ::close(std::exchange(file_, -1));
            throw store_error{
                store_trouble::in_use, database.string() + ": another runner of process manager '" +
                                           std::string{process} + "' is at work" +
                                           (holder.empty() ? "" : " (process " + holder + ")")};
        }
        auto const mine = std::to_string(::getpid());
        if (::ftruncate(file_, 0) == 0) [[maybe_unused]]
            auto const written = ::pwrite(file_, mine.data(), mine.size(), 0); // only for the message above
    }
    runner_lock(runner_lock&& other) noexcept : file_{std::exchange(other.file_, -1)} {}
    runner_lock& operator=(runner_lock&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    ~runner_lock() {
        if (file_ >= 0)
            ::close(file_);
    }

private:
    /// The name as part of a file name: letters, digits, '-' and '_' as they are, the rest as %XX.
    static std::string encoded(std::string_view name) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        std::string out;
        for (auto const each : name) {
            auto const byte = static_cast<unsigned char>(each);
            auto const plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                               (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
            if (plain) {
                out += each;
            } else {
                out += '%';
                out += digits[byte >> 4U];
                out += digits[byte & 15U];
            }
        }
        return out;
    }

    std::string read_holder() const {
        std::array<char, 24> text{};
        auto const size = ::pread(file_, text.data(), text.size(), 0);
        return size > 0 ? std::string{text.data(), static_cast<std::size_t>(size)} : std::string{};
    }

    int file_ = -1;
};

} // namespace converge::detail
