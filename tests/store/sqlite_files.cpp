// SPDX-License-Identifier: MIT
#include <converge/store/sqlite.hpp>
#include <converge/testing/store_conformance_concurrency.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <temporary_directory.hpp>
#include <thread>
#include <unistd.h>
#include <vector>

// One file, and what happens to it: several processes, backups, damage.
namespace {

namespace fs = std::filesystem;
using namespace converge::testing::detail;
using converge::sqlite_options;
using converge::sqlite_store;
using converge::store_trouble;

auto const any = converge::expected_version::any();
sqlite_options const patient{
    .synchronous = converge::sqlite_synchronous::normal, .busy_timeout = std::chrono::minutes{1}};

/// Starts a function in a process of its own; its result is the exit code.
template <class Work> pid_t start_process(Work work) {
    auto const child = ::fork();
    if (child != 0)
        return child;
    int code = 99;
    try {
        code = work();
    } catch (...) {
        // ignored here: the exit code 99 tells the parent
    }
    ::_exit(code);
}

int exit_code_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

TEST_CASE("several processes write one file, others follow, and nobody misses or repeats an event") {
    temporary_directory const directory;
    auto const path = directory / "shared.db";
    constexpr std::size_t writers = 4;
    constexpr std::size_t events = 300;
    std::vector<pid_t> processes;
    for (std::size_t writer = 0; writer < writers; ++writer)
        processes.push_back(start_process([&] {
            sqlite_store store{path, patient}; // they also make the schema at the same time
            auto const stream = "writer " + std::to_string(writer);
            for (std::size_t number = 0; number < events; ++number) {
                auto const done = append(
                    store, "orders", stream, converge::expected_version::exactly(number),
                    {event_of_writer(writer, number)});
                // All of them are after the next version of one stream, too: one wins.
                (void)append(
                    store, "races", "contended", converge::expected_version::exactly(number),
                    {event_of_writer(writer, number)});
                if (!done || done->version != number + 1)
                    return 1;
            }
            return 0;
        }));
    for (std::size_t reader = 0; reader < 2; ++reader)
        processes.push_back(start_process([&] {
            sqlite_store store{path, patient};
            std::atomic<bool> const failed{false};
            auto const seen = follow(store, reader, writers * events, failed);
            return ids_of(seen) == ids_of(all_of(store, "orders")) ? 0 : 1;
        }));
    for (auto const each : processes)
        CHECK(exit_code_of(each) == 0);
    sqlite_store store{path};
    check_whole(all_of(store, "orders"), writers * events);
    check_whole(all_of(store, "races"), events);
}

TEST_CASE("a backup of a store that is being written is a whole store of one moment") {
    temporary_directory const directory;
    auto const path = directory / "running.db";
    sqlite_store store{path, patient};
    append(store, "orders", "one", any, events_of(0, 3)).value();
    auto const writer = start_process([&] {
        sqlite_store own{path, patient};
        for (std::uint64_t number = 1;; ++number) // until it is killed
            append(own, "orders", "one", any, events_of(3 * number, 3)).value();
        return 0;
    });
    std::vector<fs::path> copies;
    for (int copy = 0; copy < 10; ++copy) {
        auto const before = store.head("orders");
        copies.push_back(directory / ("copy " + std::to_string(copy) + ".db"));
        store.back_up(copies.back());
        sqlite_store copied{copies.back()};
        auto const there = all_of(copied, "orders");
        CHECK(there.size() % 3 == 0); // no append in half
        CHECK(there.size() >= before);
        check_whole(there, there.size());
        CHECK(append(copied, "orders", "two", converge::expected_version::none(), {event_of(1'000'000)})
                  .has_value());
        for (auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
             store.head("orders") == before && std::chrono::steady_clock::now() < end;)
            std::this_thread::yield();
        CHECK(store.head("orders") > before); // it was not held up
    }
    ::kill(writer, SIGKILL);
    exit_code_of(writer);
    auto const refused = [&](fs::path const& to) { return trouble_of_call([&] { store.back_up(to); }); };
    CHECK(refused(copies.front()) == store_trouble::invalid_argument);
    CHECK(refused("") == store_trouble::invalid_argument);
    CHECK(refused(directory / "none/copy.db") == store_trouble::unavailable);
    CHECK(all_of(store, "orders").size() == store.head("orders")); // which is as it was
}

namespace {

std::string const value_of_record(300, 'v');

/// Everything that reading shows of a store; nothing, where it is reported to be damaged.
std::optional<std::vector<converge::event_id>> everything_in(fs::path const& path) {
    try {
        sqlite_store store{path};
        auto all = ids_of(all_of(store, "orders"));
        for (auto const* const stream : {"one", "two", "three"})
            for (auto const& each : read_stream(store, "orders", stream, 0, no_limit, "orders")) {
                all.push_back(each.id);
                if (each.payload.size() < 300 || each.name != "thing_happened")
                    all.clear(); // something else than what was written
            }
        all.push_back(store.last_of_stream("orders", "two", "orders").value().id);
        for (auto const& each : store.find_records("")) {
            all.push_back(id_of(each.revision));
            if (each.value != value_of_record || store.find_record(each.name).value().value != each.value)
                all.clear();
        }
        return all;
    } catch (converge::store_error const& error) {
        CHECK((error.trouble() == store_trouble::corrupt || error.trouble() == store_trouble::not_a_store));
        CHECK(std::string_view{error.what()}.starts_with(path.string() + ": "));
        return std::nullopt;
    }
}

} // namespace

TEST_CASE("whichever page is damaged, it is reported or was not needed: nothing is read past") {
    temporary_directory const directory;
    auto const path = directory / "whole.db";
    {
        sqlite_store store{path};
        for (std::uint64_t number = 0; number < 300; ++number) {
            auto event = event_of(number);
            event.payload.append(300, 'x');
            std::array<char const*, 3> const streams{"one", "two", "three"};
            append(store, "orders", streams[number % 3], any, {event}).value();
        }
        for (int number = 0; number < 50; ++number)
            CHECK(store.write_record("lease " + std::to_string(number), 0, value_of_record).has_value());
    }
    auto const whole = everything_in(path).value();
    REQUIRE(whole.size() == 651);
    constexpr std::uintmax_t page_size = 4096;
    auto const pages = fs::file_size(path) / page_size;
    REQUIRE(pages > 30);
    std::size_t reported = 0;
    for (std::uintmax_t page = 0; page < pages; ++page)
        for (char const filling : {'\0', '\xA5'}) {
            CAPTURE(page);
            CAPTURE(int{filling});
            auto const damaged = directory / "damaged.db";
            fs::copy_file(path, damaged, fs::copy_options::overwrite_existing);
            {
                std::fstream file{damaged, std::ios::in | std::ios::out | std::ios::binary};
                file.seekp(static_cast<std::streamoff>(page * page_size));
                file << std::string(page_size, filling);
            }
            auto const read = everything_in(damaged);
            CHECK((!read || *read == whole));
            reported += read ? 0 : 1;
            fs::remove(directory / "damaged.db-wal");
            fs::remove(directory / "damaged.db-shm");
        }
    CHECK(reported > pages); // most of the pages hold events and records
}

TEST_CASE("a file that was cut off is reported, not read to its end") {
    temporary_directory const directory;
    auto const path = directory / "whole.db";
    {
        sqlite_store store{path};
        for (std::uint64_t number = 0; number < 300; ++number) {
            auto event = event_of(number);
            event.payload.append(300, 'x');
            append(store, "orders", "one", any, {event}).value();
        }
        for (auto const* const stream : {"two", "three"})
            append(store, "orders", stream, any, {event_of(stream == std::string{"two"} ? 300 : 301)})
                .value();
    }
    auto const whole = all_of(*std::make_unique<sqlite_store>(path), "orders").size();
    for (auto left = fs::file_size(path) / 4096 - 1; left > 0; left -= left > 8 ? 5 : 1) {
        CAPTURE(left);
        fs::resize_file(path, left * 4096);
        auto trouble = trouble_of_call([&] {
            sqlite_store store{path};
            CHECK(all_of(store, "orders").size() == whole); // or it throws before
        });
        CHECK(trouble == store_trouble::corrupt);
    }
}
