// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

/// A directory of its own for a test, removed with everything in it.
class temporary_directory {
public:
    temporary_directory() : temporary_directory{std::filesystem::temp_directory_path()} {}
    explicit temporary_directory(std::filesystem::path const& in) {
        auto pattern = (in / "converge-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error{"no temporary directory"};
        path_ = pattern;
    }
    temporary_directory(temporary_directory&& other) noexcept : path_{std::exchange(other.path_, {})} {}
    temporary_directory& operator=(temporary_directory&&) = delete;
    ~temporary_directory() {
        std::error_code ignored;
        if (!path_.empty())
            std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path const& path() const noexcept { return path_; }
    std::filesystem::path operator/(std::string const& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};
