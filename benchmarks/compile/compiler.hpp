// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

/// What one run of a compiler took.
struct compilation {
    double seconds = 0;  ///< of the processor, user and system: what else the machine does hardly shows
    double peak_mib = 0; ///< most memory resident at once, of the largest process
    std::string error;   ///< the first error it reported; empty when it compiled
};

namespace detail {

inline std::string first_error(std::filesystem::path const& log) {
    std::ifstream said{log};
    for (std::string line; std::getline(said, line);)
        if (line.find("error") != std::string::npos)
            return line.substr(0, 300);
    return "the compiler failed without an error message";
}

[[noreturn]] inline void become(std::vector<std::string> const& command, std::filesystem::path const& log) {
    auto const file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || ::dup2(file, STDOUT_FILENO) < 0 || ::dup2(file, STDERR_FILENO) < 0)
        ::_exit(126);
    ::setenv("CCACHE_DISABLE", "1", 1); // the compiler's name may lead to ccache
    ::setenv("LC_ALL", "C.UTF-8", 1);
    std::vector<char*> arguments;
    for (auto const& each : command)
        arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

} // namespace detail

/// Runs a command and waits for it; what it says goes to the file `log`. Throws std::system_error when it
/// cannot be run at all.
inline compilation run_compiler(std::vector<std::string> const& command, std::filesystem::path const& log) {
    auto const process = ::fork();
    if (process < 0)
        throw std::system_error{errno, std::generic_category(), "fork"};
    if (process == 0)
        detail::become(command, log);
    int status = 0;
    rusage usage{}; // of the compiler's driver and of all processes it waited for
    while (::wait4(process, &status, 0, &usage) < 0)
        if (errno != EINTR)
            throw std::system_error{errno, std::generic_category(), "wait4"};
    auto const seconds = [](timeval const& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    compilation made;
    made.seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    made.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        made.error = detail::first_error(log);
    return made;
}

/// Whether there is a program of this name to run.
inline bool is_installed(std::string_view program) {
    auto const* const path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        auto const end = std::min(rest.find(':'), rest.size());
        if (::access((std::filesystem::path{rest.substr(0, end)} / program).c_str(), X_OK) == 0)
            return true;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
}
