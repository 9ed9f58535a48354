// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>

inline std::string const fines_program = CONVERGE_BINARY_DIR "/examples/traffic_fines";

/// What a program said, on both of its outputs, and its exit code.
struct said {
    int code = -1;
    std::string text;
};

/// Runs a command line of the shell.
inline said run_program(std::string const& line) {
    said made;
    auto* const pipe = ::popen((line + " 2>&1").c_str(), "r");
    std::array<char, 4096> buffer{};
    while (auto const size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        made.text.append(buffer.data(), size);
    auto const status = ::pclose(pipe);
    made.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return made;
}

inline std::string content_of(std::filesystem::path const& path) {
    std::ostringstream all;
    all << std::ifstream{path, std::ios::binary}.rdbuf();
    return all.str();
}

/// The summary that the program wrote, without the time it took.
inline boost::json::object summary_in(std::filesystem::path const& path) {
    auto made = boost::json::parse(content_of(path)).as_object();
    made.erase("seconds");
    return made;
}
