// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <examples/program.hpp>
#include <fcntl.h>
#include <random>
#include <temporary_directory.hpp>
#include <thread>
#include <unistd.h>

namespace {

/// Starts the program, kills it after a while, and says whether it was still at work.
bool start_and_kill(std::string const& store, std::chrono::microseconds after) {
    auto const child = ::fork();
    if (child == 0) {
        auto const nowhere = ::open("/dev/null", O_WRONLY);
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
        ::execl(
            fines_program.c_str(), fines_program.c_str(), "--cases", "400", "--batch", "32", "--store",
            store.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    std::this_thread::sleep_for(after);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

} // namespace

TEST_CASE("kill -9 at fifty moments, and running again, gives what an undisturbed run gives") {
    temporary_directory const directory;
    auto const line = fines_program + " --cases 400 --batch 32 --store sqlite:";
    auto const begin = std::chrono::steady_clock::now();
    REQUIRE(
        run_program(
            line + (directory / "whole.db").string() + " --json " + (directory / "whole.json").string())
            .code == 0);
    auto const whole =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
    auto const expected = summary_in(directory / "whole.json");
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    int killed = 0;
    // On a busy machine a run may end before its moment comes: until fifty were killed at work.
    for (int moment = 0; killed < 50; ++moment) {
        REQUIRE(moment < 500);
        // Some are killed more than once.
        auto const path = directory / ("killed_" + std::to_string(moment) + ".db");
        auto const store = "sqlite:" + path.string();
        for (int times = 1 + moment % 3; times > 0; --times) {
            std::chrono::microseconds const after{
                std::uniform_int_distribution<std::chrono::microseconds::rep>{0, whole.count()}(random)};
            CAPTURE(after.count());
            killed += start_and_kill(store, after) ? 1 : 0;
        }
        auto const json = directory / "killed.json";
        auto const told = run_program(line + path.string() + " --json " + json.string());
        REQUIRE_MESSAGE(told.code == 0, told.text);
        CHECK(summary_in(json) == expected);
        std::filesystem::remove(path);
    }
}
