// SPDX-License-Identifier: MIT
#include <converge/store/sqlite.hpp>

#include <doctest/doctest.h>

#include <examples/program.hpp>
#include <sys/mount.h>
#include <sys/stat.h>
#include <temporary_directory.hpp>
#include <unistd.h>

// The program of the fines, as its user meets it.

TEST_CASE("an order is told from its first event to its refund") {
    auto const told = run_program(CONVERGE_BINARY_DIR "/examples/order_fulfilment");
    CHECK(told.code == 0);
    CHECK(told.text.ends_with("  pick item for 42\n  put back item of 42\n  pick item for 42\n  ship 42\n"
                              "  put back item of 42\n  recall 42\n  refund 4200 cents of 42\n"));
}

TEST_CASE("running the same log again on the same database changes nothing") {
    temporary_directory const directory;
    auto const line =
        fines_program + " --cases 300 --store sqlite:" + (directory / "f.db").string() + " --json ";
    auto const first = run_program(line + (directory / "1.json").string());
    REQUIRE_MESSAGE(first.code == 0, first.text);
    auto const again = run_program(line + (directory / "2.json").string());
    REQUIRE_MESSAGE(again.code == 0, again.text);
    CHECK(again.text.find(", 0 of them new") != std::string::npos);
    CHECK(summary_in(directory / "1.json") == summary_in(directory / "2.json"));
    CHECK(summary_in(directory / "1.json").at("instances").to_number<int>() == 300);
    // The same in memory, and from the log as a file.
    REQUIRE(
        run_program(
            fines_program + " --cases 300 --store memory: --json " + (directory / "3.json").string() +
            " --save-log " + (directory / "log.csv.gz").string())
            .code == 0);
    CHECK(summary_in(directory / "1.json") == summary_in(directory / "3.json"));
    REQUIRE(
        run_program(
            fines_program + " " + (directory / "log.csv.gz").string() + " --store memory: --json " +
            (directory / "4.json").string())
            .code == 0);
    CHECK(summary_in(directory / "1.json") == summary_in(directory / "4.json"));
}

TEST_CASE("a log that goes wrong in the middle keeps what was read, and goes on when it is repaired") {
    temporary_directory const directory;
    auto const whole = directory / "whole.csv";
    REQUIRE(
        run_program(fines_program + " --cases 50 --store memory: --save-log " + whole.string()).code == 0);
    auto content = content_of(whole);
    auto const middle = content.find('\n', content.size() / 2) + 1;
    auto const broken = directory / "broken.csv";
    std::ofstream{broken} << content.substr(0, middle) << ",Payment,2006-01-01T00:00:00,,NIL,,1.0,1.0\n"
                          << content.substr(middle);
    auto const store = " --store sqlite:" + (directory / "f.db").string();
    auto const refused = run_program(fines_program + " " + broken.string() + store);
    CHECK(refused.code == 1);
    CHECK(refused.text.find("broken.csv:") != std::string::npos);
    CHECK(refused.text.find(": the row has no case\n") != std::string::npos);
    auto const repaired = run_program(
        fines_program + " " + whole.string() + store + " --json " + (directory / "1.json").string());
    CHECK(repaired.code == 0);
    REQUIRE(
        run_program(fines_program + " --cases 50 --store memory: --json " + (directory / "2.json").string())
            .code == 0);
    CHECK(summary_in(directory / "1.json") == summary_in(directory / "2.json"));
}

TEST_CASE("a second runner on the same file is refused") {
    temporary_directory const directory;
    auto const path = directory / "f.db";
    converge::sqlite_store const store{path};
    auto const held = store.lock_runner("fine");
    auto const refused = run_program(fines_program + " --cases 3 --store sqlite:" + path.string());
    CHECK(refused.code == 1);
    CHECK(refused.text.ends_with(
        "traffic_fines: " + path.string() +
        ": another runner of process manager 'fine' is at work (process " + std::to_string(::getpid()) +
        ")\n"));
}

TEST_CASE("a directory that cannot be written is named, with the reason") {
    if (::getuid() != 0) {
        MESSAGE("skipped: only root can become another user");
        return;
    }
    temporary_directory const directory;
    ::chmod(directory.path().c_str(), 0755);
    std::filesystem::copy_file(fines_program, directory / "program"); // where nobody may come
    auto const path = directory / "f.db";
    auto const refused = run_program(
        "setpriv --reuid=65534 --regid=65534 --clear-groups " + (directory / "program").string() +
        " --cases 3 --store sqlite:" + path.string());
    CHECK(refused.code == 1);
    CHECK(
        refused.text == "traffic_fines: " + path.string() +
                            ": cannot open the file: unable to open database file (Permission denied)\n");
}

TEST_CASE("a full disk stops the program, which goes on when there is space") {
    temporary_directory const directory;
    auto const mounted = directory / "small";
    std::filesystem::create_directory(mounted);
    if (::getuid() != 0 || ::mount("tmpfs", mounted.c_str(), "tmpfs", 0, "size=512k") != 0) {
        MESSAGE("skipped: a small file system cannot be mounted here");
        return;
    }
    auto const line = fines_program + " --cases 400 --batch 64 --store sqlite:" + (mounted / "f.db").string();
    auto const refused = run_program(line);
    CHECK(refused.code == 1);
    CHECK(refused.text.find((mounted / "f.db").string() + ": cannot ") != std::string::npos);
    CHECK_MESSAGE(refused.text.find("full") != std::string::npos, refused.text);
    REQUIRE(::mount("tmpfs", mounted.c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0);
    auto const done = run_program(line + " --json " + (directory / "1.json").string());
    CHECK_MESSAGE(done.code == 0, done.text);
    REQUIRE(
        run_program(
            fines_program + " --cases 400 --batch 64 --store memory: --json " +
            (directory / "2.json").string())
            .code == 0);
    CHECK(summary_in(directory / "1.json") == summary_in(directory / "2.json"));
    ::umount(mounted.c_str());
}

TEST_CASE("arguments that make no sense are refused") {
    CHECK(run_program(fines_program + " --store mysql:x")
              .text.starts_with(
                  "traffic_fines: --store mysql:x: unknown store; known are sqlite:FILE, memory:"));
    CHECK(run_program(fines_program + " --batch 0 --store memory:").code != 0);
    CHECK(run_program(fines_program + " --nonsense").code != 0);
}
