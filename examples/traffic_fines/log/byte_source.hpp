// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <examples/traffic_fines/log/row.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <zlib.h>

namespace traffic_fines {

/// The bytes of a file, plain or gzip (told by its first bytes). A damaged or truncated gzip file is an
/// error, not an early end.
class byte_source {
public:
    explicit byte_source(std::filesystem::path const& path) : name_{path.string()} {
        std::error_code failed;
        if (std::filesystem::is_directory(path, failed))
            throw log_error{name_, 0, "is a directory, not a log"};
        errno = 0;
        file_.reset(gzopen(path.c_str(), "rb"));
        if (!file_)
            throw log_error{name_, 0, std::string{"cannot be opened: "} + std::strerror(errno)};
        size_ = std::filesystem::file_size(path, failed);
    }

    std::string const& name() const noexcept { return name_; }

    /// The next bytes, at most 64 KiB; empty at the end.
    std::string_view read() {
        auto const size = gzread(file_.get(), buffer_.data(), static_cast<unsigned>(buffer_.size()));
        int code = Z_OK;
        std::string_view said = gzerror(file_.get(), &code);
        if (size < 0 || (size == 0 && code != Z_OK && code != Z_STREAM_END)) {
            if (said.starts_with(name_ + ": "))
                said.remove_prefix(name_.size() + 2);
            throw log_error{
                name_, 0,
                code == Z_BUF_ERROR ? "the gzip file is truncated"
                                    : (code == Z_ERRNO ? "cannot be read: " : "the gzip file is damaged: ") +
                                          std::string{said}};
        }
        return {buffer_.data(), static_cast<std::size_t>(size)};
    }

    /// How much of the file has been read, 0 to 1.
    double progress() const {
        return size_ == 0 ? 1.0 : static_cast<double>(gzoffset(file_.get())) / static_cast<double>(size_);
    }

private:
    struct close_file {
        void operator()(gzFile_s* file) const noexcept { gzclose_r(file); }
    };
    std::string name_;
    std::unique_ptr<gzFile_s, close_file> file_;
    std::uintmax_t size_ = 0;
    std::string buffer_ = std::string(std::size_t{1} << 16U, '\0');
};

} // namespace traffic_fines
