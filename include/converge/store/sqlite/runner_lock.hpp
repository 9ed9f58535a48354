// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>
#include <converge/store/validation.hpp>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace converge::detail {

/// A name as part of a file name: letters, digits, '-' and '_' as they are, the rest as %XX. A name that
/// would be too long for a file name is cut, and ends in a digest of the whole.
inline std::string file_name_of(std::string_view name) {
    constexpr std::size_t longest = 120;
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (auto const each : name) {
        auto const byte = static_cast<unsigned char>(each);
        auto const plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
        if (plain)
            out += each;
        else
            out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
    if (out.size() <= longest)
        return out;
    boost::uuids::name_generator_sha1 const digest{boost::uuids::ns::oid()};
    return out.substr(0, longest - 38) + '.' + to_string(digest(std::string{name}));
}

/// An exclusive `flock` on a file beside the database. The kernel frees it when the process ends, however it
/// ends. The file stays: removing it would race with the next runner.
class runner_lock {
public:
    /// Throws `store_error`: `in_use` when another runner holds it, `read_only` or `unavailable` when the
    /// lock file cannot be opened.
    runner_lock(
        std::filesystem::path const& shown_path, std::filesystem::path const& database,
        std::string_view process)
        : owner_{::getpid()} {
        auto path = database;
        path += "-runner-" + file_name_of(process);
        file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file_ < 0)
            fail(path, "open", errno);
        if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
            auto const system_error = errno;
            auto const holder = read_holder();
            ::close(std::exchange(file_, -1));
            if (system_error != EWOULDBLOCK)
                fail(path, "lock", system_error);
            throw store_error{
                store_trouble::in_use, shown_path.string() + ": another runner of process manager " +
                                           shown(process) + " is at work" +
                                           (holder.empty() ? "" : " (process " + holder + ")")};
        }
        write_holder(std::to_string(owner_) + "\n");
    }
    runner_lock(runner_lock&& other) noexcept : file_{std::exchange(other.file_, -1)}, owner_{other.owner_} {}
    runner_lock& operator=(runner_lock&& other) noexcept {
        std::swap(file_, other.file_);
        std::swap(owner_, other.owner_);
        return *this;
    }
    ~runner_lock() {
        if (file_ < 0)
            return;
        if (::getpid() == owner_) { // a forked child has a copy; only the owner gives the right back
            write_holder("");
            ::flock(file_, LOCK_UN);
        }
        ::close(file_);
    }

private:
    [[noreturn]] static void fail(std::filesystem::path const& path, char const* what, int system_error) {
        auto const denied = system_error == EACCES || system_error == EPERM || system_error == EROFS;
        throw store_error{
            denied ? store_trouble::read_only : store_trouble::unavailable,
            path.string() + ": cannot " + what +
                " the lock file: " + std::strerror(system_error)}; // NOLINT(concurrency-mt-unsafe)
    }

    /// The process id is only for the message above, so a full disk does not matter.
    void write_holder(std::string const& holder) const noexcept {
        if (::ftruncate(file_, 0) == 0 && ::pwrite(file_, holder.data(), holder.size(), 0) < 0)
            return;
    }

    std::string read_holder() const {
        std::array<char, 24> text{};
        auto const size = ::pread(file_, text.data(), text.size(), 0);
        std::string_view const read{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
        return std::string{read.substr(0, read.find_first_not_of("0123456789"))};
    }

    int file_ = -1;
    ::pid_t owner_;
};

} // namespace converge::detail
