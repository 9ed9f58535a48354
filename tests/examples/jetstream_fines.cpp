// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <examples/program.hpp>
#include <fcntl.h>
#include <store/nats_server.hpp>
#include <temporary_directory.hpp>
#include <thread>
#include <unistd.h>

namespace {

/// What does not depend on how fast the modules' logs were read, and on how a store counts positions.
boost::json::object converged_part(std::filesystem::path const& path) {
    auto made = summary_in(path);
    made.erase("commands");
    made.erase("positions");
    return made;
}

bool start_and_kill(std::string const& store, std::chrono::milliseconds after) {
    auto const child = ::fork();
    if (child == 0) {
        auto const nowhere = ::open("/dev/null", O_WRONLY);
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
        ::execl(
            fines_program.c_str(), fines_program.c_str(), "--cases", "300", "--batch", "64", "--store",
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

TEST_CASE("the fines end on NATS JetStream in the states in which they end on SQLite") {
    if (auto const reason = no_nats_server(); !reason.empty()) {
        MESSAGE(reason);
        return;
    }
    temporary_directory const directory;
    auto const line = fines_program + " --cases 300 --batch 64 --json ";
    auto const run = [&](std::string const& json, std::string const& store) {
        auto const told = run_program(line + (directory / json).string() + " --store " + store);
        REQUIRE_MESSAGE(told.code == 0, told.text);
        CHECK(told.text.find("parked") == std::string::npos);
    };
    run("sqlite.json", "sqlite:" + (directory / "f.db").string());
    auto const expected = converged_part(directory / "sqlite.json");
    CHECK(expected.at("instances").to_number<int>() == 300);
    {
        nats_server const server;
        run("whole.json", server.url());
        CHECK(converged_part(directory / "whole.json") == expected);
        run("again.json", server.url());
        CHECK(summary_in(directory / "again.json") == summary_in(directory / "whole.json"));
    }
    nats_server server;
    int killed = 0;
    for (int const after : {5, 20, 40, 60, 80, 120, 160, 240}) {
        killed += start_and_kill(server.url(), std::chrono::milliseconds{after}) ? 1 : 0;
        if (after == 80) { // and the server too
            server.end(SIGKILL);
            server.start();
        }
    }
    CHECK(killed > 0);
    run("killed.json", server.url());
    CHECK(converged_part(directory / "killed.json") == expected);
}
