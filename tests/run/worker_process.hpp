// SPDX-License-Identifier: MIT
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <run/order.hpp>
#include <set>
#include <string>
#include <sys/wait.h>
#include <temporary_directory.hpp>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

// Workers in processes of their own, which are stopped, go on, and are killed.
namespace worker_processes {

using namespace std::chrono_literals;

constexpr std::uint32_t partitions = 6;
constexpr auto lease_duration = 800ms;

inline std::atomic<bool> told_to_stop{false};

/// Writes what happens to a file, a line each, so that it is known also of a process that is killed.
class diary {
public:
    explicit diary(std::filesystem::path const& file) : file_{std::fopen(file.c_str(), "ae")} {
        std::setvbuf(file_, nullptr, _IOLBF, 4'096);
    }
    diary(diary const&) = delete;
    diary& operator=(diary const&) = delete;
    ~diary() { std::fclose(file_); }
    void write(std::string const& line) { std::fprintf(file_, "%s\n", line.c_str()); }

    static std::vector<std::string> read(std::filesystem::path const& file) {
        std::vector<std::string> lines;
        std::ifstream in{file};
        for (std::string line; std::getline(in, line);)
            lines.push_back(line);
        return lines;
    }

private:
    std::FILE* file_;
};

struct watching {
    diary* into;
    void operator()(converge::partition_changed const& changed) const {
        static constexpr std::array words{"taken", "given", "lost"};
        into->write(std::string{words[static_cast<std::size_t>(changed.what)]});
    }
};

/// Books each command, and stops its own process when the order says so.
struct handler {
    diary* into;
    template <class Command> void operator()(Command const& command, auto& context) const {
        into->write("call " + to_string(context.id()));
        if (command.order == "stop me")
            (void)::raise(SIGSTOP);
        bookkeeper{}(command, context);
    }
};

/// A worker in a process of its own. `open` makes the store, there.
class process {
public:
    template <class Open>
    process(Open const& open, std::string name, std::filesystem::path file)
        : name_{std::move(name)}, file_{std::move(file)}, id_{::fork()} {
        if (id_ == 0) {
            int code = 1;
            try {
                work(open);
                code = 0;
            } catch (std::exception const& failed) {
                diary{file_}.write(std::string{"failed: "} + failed.what());
            }
            ::_exit(code);
        }
    }
    process(process&& other) noexcept
        : name_{std::move(other.name_)}, file_{std::move(other.file_)}, id_{std::exchange(other.id_, 0)} {}
    process& operator=(process&& other) noexcept {
        std::swap(name_, other.name_);
        std::swap(file_, other.file_);
        std::swap(id_, other.id_);
        return *this;
    }
    ~process() { kill(); }

    void send(int signal) const { (void)::kill(id_, signal); }
    /// Waits until it has stopped itself.
    bool has_stopped() const {
        int status = 0;
        return ::waitpid(id_, &status, WUNTRACED) == id_ && WIFSTOPPED(status);
    }
    void kill() {
        if (id_ <= 0)
            return;
        send(SIGKILL);
        (void)::waitpid(std::exchange(id_, 0), nullptr, 0);
    }
    /// Asks it to leave. Whether it did.
    bool leave() {
        send(SIGTERM);
        int status = 0;
        (void)::waitpid(std::exchange(id_, 0), &status, 0);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    std::string const& name() const { return name_; }
    std::size_t count(std::string const& word) const {
        return static_cast<std::size_t>(std::ranges::count(diary::read(file_), word));
    }

private:
    template <class Open> void work(Open const& open) const {
        (void)std::signal(SIGTERM, [](int) { told_to_stop = true; });
        diary into{file_};
        auto store = open();
        converge::worker_options options;
        options.partitions = partitions;
        options.worker = name_;
        options.lease_duration = lease_duration;
        options.running.batch_size = 16;
        auto worker = converge::make_worker<order_process>(
            store, handler{&into}, options, converge::json_codec{}, watching{&into});
        while (!told_to_stop)
            try {
                if (!worker.work())
                    std::this_thread::sleep_for(2ms);
            } catch (converge::store_error const& failed) {
                // The store may be away, or held by a process that is stopped.
                if (failed.trouble() != converge::store_trouble::busy &&
                    failed.trouble() != converge::store_trouble::unavailable)
                    throw;
                std::this_thread::sleep_for(2ms);
            }
        worker.leave();
    }

    std::string name_;
    std::filesystem::path file_;
    ::pid_t id_;
};

inline bool within(std::chrono::seconds longest, std::function<bool()> const& condition) {
    for (auto const until = std::chrono::steady_clock::now() + longest;
         std::chrono::steady_clock::now() < until; std::this_thread::sleep_for(5ms))
        if (condition())
            return true;
    return condition();
}

/// Who has how many partitions, by name.
template <class Store> std::map<std::string, std::size_t> holders(Store& store) {
    std::map<std::string, std::size_t> all;
    for (auto const& each : store.find_records("converge/leases/order/"))
        if (auto const name = converge::detail::decode_record<converge::detail::lease>(each).worker;
            !name.empty())
            ++all[name];
    return all;
}

/// What the commands of each order add up to; greetings, of which there is one, apart.
template <class Store> std::map<std::string, std::pair<int, std::int64_t>> balances(Store& store) {
    std::map<std::string, std::pair<int, std::int64_t>> all;
    store.read("ledger", 0, ~std::size_t{0}, "ledger", [&](converge::event_view const& event) {
        auto const entry = converge::json_codec{}.decode<ledger::booked>(event.payload).value();
        auto& [greetings, sum] = all[entry.order];
        auto const amount = entry.cents == 0 ? 1'000'000 : entry.cents;
        if (entry.what == "greet")
            ++greetings;
        else
            sum += entry.what == "recall" || entry.what == "reclaim" ? -amount : amount;
    });
    return all;
}

/// Compares with one runner that nothing disturbs.
template <class Store> void check_against_a_lone_runner(Store& store) {
    converge::memory_store quiet;
    for (auto const* module : {"orders", "payments"})
        store.read(module, 0, ~std::size_t{0}, module, [&](converge::event_view const& event) {
            if (event.name.starts_with(converge::reserved_prefix))
                return;
            converge::new_event const copy{
                event.id, std::string{event.name}, event.internal, std::string{event.payload}};
            (void)quiet.append({module, event.stream, converge::expected_version::any(), {&copy, 1}});
        });
    converge::make_runner<order_process>(quiet, bookkeeper{}).catch_up();
    CHECK(standing(store) == standing(quiet));
    CHECK(balances(store) == balances(quiet));
}

/// A worker stops in a handler for longer than its lease, and goes on when another one has done its work.
template <class Open> void stopped_in_a_handler(Open const& open) {
    temporary_directory const directory;
    process one{open, "one", directory / "one"};
    process two{open, "two", directory / "two"};
    auto store = open();
    REQUIRE(within(30s, [&] {
        auto const all = holders(store);
        return all.contains("one") && all.at("one") == 3 && all.contains("two") && all.at("two") == 3;
    }));
    place(store, "stop me");
    // Whoever has it stops. The other one takes over, meets it as well, and so on: each is stopped once, and
    // the second one is let go at once.
    for (int each = 0; each < 60; ++each)
        place(store, std::to_string(each));
    auto const holder_of_it = [&] {
        auto const leases = store.find_records("converge/leases/order/");
        return converge::detail::decode_record<converge::detail::lease>(
                   leases.at(converge::partition_of("stop me", partitions)))
            .worker;
    };
    auto const holder = holder_of_it();
    auto& stopped = holder == "one" ? one : two;
    auto& other = holder == "one" ? two : one;
    REQUIRE(stopped.has_stopped());
    REQUIRE(other.has_stopped());          // after the lease, when it has taken over
    CHECK(holder_of_it() == other.name()); // of the others it may not have come to all
    other.send(SIGCONT);
    CHECK(within(30s, [&] { return bookings(store).size() == 61; }));
    CHECK(stopped.count("lost") == 0); // it knows nothing of all that
    stopped.send(SIGCONT);
    CHECK(within(30s, [&] { return stopped.count("lost") == 3; }));
    CHECK(within(
        30s, [&] { return holders(store) == std::map<std::string, std::size_t>{{"one", 3}, {"two", 3}}; }));
    for (int each = 60; each < 120; ++each)
        place(store, std::to_string(each));
    CHECK(within(30s, [&] { return bookings(store).size() == 121; }));
    CHECK(one.leave());
    CHECK(two.leave());
    CHECK(holders(store).empty());
    CHECK(store.find_records("converge/workers/").empty());
    CHECK(bookings(store).size() == 121);
    check_against_a_lone_runner(store);
}

/// Workers are stopped for longer than their leases, go on, are killed and replaced while events flow.
template <class Open> void stopped_and_killed(Open const& open) {
    temporary_directory const directory;
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    int names = 0;
    auto const start = [&] {
        auto const name = "w" + std::to_string(names++);
        return process{open, name, directory / name};
    };
    std::vector<process> workers;
    for (int each = 0; each < 3; ++each)
        workers.push_back(start());
    auto store = open();
    int published = 0;
    auto const publish_for = [&](std::chrono::milliseconds span) {
        for (auto const until = std::chrono::steady_clock::now() + span;
             std::chrono::steady_clock::now() < until; std::this_thread::sleep_for(4ms), ++published) {
            auto const order = std::to_string(published % 97);
            try {
                switch (published / 97 % 3) {
                case 0:
                    place(store, order);
                    break;
                case 1:
                    pay(store, order, 60);
                    break;
                default:
                    cancel(store, order);
                }
            } catch (converge::store_error const& failed) {
                MESSAGE(failed.what()); // nobody knows whether it was written, which does not matter here
            }
        }
    };
    publish_for(500ms);
    for (int moment = 0; moment < 8; ++moment) {
        auto& chosen = workers[random() % workers.size()];
        if (moment % 2 == 0) {
            chosen.send(SIGSTOP);
            publish_for(lease_duration + std::chrono::milliseconds{random() % 1'000});
            chosen.send(SIGCONT);
        } else {
            chosen.kill();
            publish_for(std::chrono::milliseconds{random() % 1'000});
            chosen = start();
        }
        publish_for(std::chrono::milliseconds{random() % 500});
    }
    CHECK(within(60s, [&] {
        auto const all = holders(store);
        return all.size() == 3 && std::ranges::all_of(all, [](auto const& each) { return each.second == 2; });
    }));
    auto const commands_are_done = [&] {
        for (std::uint32_t each = 0; each < partitions; ++each) {
            auto const reader = [&](std::string const& of) {
                return of + "#" + std::to_string(each) + "/" + std::to_string(partitions);
            };
            if (store.load_cursor(reader("order"), "orders") < store.head("orders") ||
                store.load_cursor(reader("order"), "payments") < store.head("payments") ||
                store.load_cursor(reader("order.commands"), "orders") < store.head("orders"))
                return false;
        }
        return true;
    };
    CHECK(within(60s, commands_are_done));
    for (auto& each : workers)
        CHECK(each.leave());
    CHECK(store.find_records("converge/workers/").empty());
    check_against_a_lone_runner(store);
    std::map<std::string, int> calls;
    int all_calls = 0;
    for (int each = 0; each < names; ++each)
        for (auto const& line : diary::read(directory / ("w" + std::to_string(each)))) {
            CHECK_MESSAGE(!line.starts_with("failed"), line);
            if (line.starts_with("call")) {
                ++calls[line];
                ++all_calls;
            }
        }
    CHECK(calls.size() == bookings(store).size());
    MESSAGE(
        published, " events, ", calls.size(), " commands, ", all_calls - static_cast<int>(calls.size()),
        " of them handed over again");
}

} // namespace worker_processes
