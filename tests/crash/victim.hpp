// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <map>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace crash {

/// A worker at work: the program in `worker/`, in a process of its own. It ends with the object.
class victim {
public:
    explicit victim(std::vector<std::string> line) {
        std::array<int, 2> pipe{};
        if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
            throw std::runtime_error{"no pipe"};
        said_ = pipe[0];
        line.insert(line.begin(), CONVERGE_BINARY_DIR "/tests/converge_crash_worker");
        std::vector<char*> words;
        for (auto& word : line)
            words.push_back(word.data());
        words.push_back(nullptr);
        posix_spawn_file_actions_t files{};
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawn_file_actions_adddup2(&files, pipe[1], STDOUT_FILENO);
        auto const failed = ::posix_spawn(&process_, words[0], &files, nullptr, words.data(), environ);
        ::posix_spawn_file_actions_destroy(&files);
        ::close(pipe[1]);
        if (failed != 0)
            throw std::runtime_error{"cannot start " + line[0]};
    }
    victim(victim const&) = delete;
    victim& operator=(victim const&) = delete;
    ~victim() {
        kill();
        ::close(said_);
    }

    /// `kill -9`. Whether it was still alive.
    bool kill() noexcept {
        if (process_ <= 0)
            return false;
        ::kill(process_, SIGKILL);
        return WIFSIGNALED(wait());
    }

    /// Waits until it ends by itself; its exit code.
    int finish() {
        listen(); // a full pipe would stop it
        auto const status = wait();
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

    /// What it told since the last call, by letter: see `worker/main.cpp`. To be asked when it has ended.
    std::map<char, std::uint64_t> told() {
        listen();
        return std::exchange(told_, {});
    }

private:
    int wait() noexcept {
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
        }
        process_ = 0;
        return status;
    }
    void listen() {
        std::array<char, 4096> letters{};
        for (;;) {
            auto const size = ::read(said_, letters.data(), letters.size());
            if (size < 0 && errno == EINTR)
                continue;
            if (size <= 0)
                return;
            for (std::size_t at = 0; at < static_cast<std::size_t>(size); ++at)
                ++told_[letters[at]];
        }
    }

    pid_t process_ = 0;
    int said_ = -1;
    std::map<char, std::uint64_t> told_;
};

} // namespace crash
