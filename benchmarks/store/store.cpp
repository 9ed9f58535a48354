// SPDX-License-Identifier: MIT
#include <converge/store/jetstream.hpp>
#include <converge/store/memory.hpp>
#include <converge/store/postgres.hpp>
#include <converge/store/sqlite.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <interleaved.hpp>
#include <map>
#include <memory>
#include <optional>
#include <peers.hpp>
#include <postgres_server.hpp>
#include <store/contenders.hpp>
#include <store/jetstream_floor.hpp>
#include <store/memory_floor.hpp>
#include <store/nats_server.hpp>
#include <store/postgres_floor.hpp>
#include <store/sqlite_floor.hpp>
#include <store/workload.hpp>
#include <string>
#include <temporary_directory.hpp>
#include <unistd.h>
#include <utility>
#include <vector>

// <backend>/<workload>/<contender>: each store against a floor, the same rows written by hand against the
// same C API with the same durability in the same run, and against other event stores on the same server and
// file system. Numbers of iterations are fixed, so that all have as much in their tables, and repetitions are
// interleaved at random, so that what else the machine does meets all of them. Workloads with the suffix
// _no_wait do not wait for the disk, neither the store nor the floor: SQLite with synchronous = NORMAL,
// PostgreSQL with fsync = off. With the suffix _in_ram the file is on a file system in memory.
namespace {

constexpr auto durable_postgres = "fsync = on\nshared_buffers = 256MB\nmax_wal_size = 4GB";
constexpr auto hasty_postgres = "fsync = off\nshared_buffers = 256MB\nmax_wal_size = 4GB";

postgres_server const& server(std::string const& settings) {
    static std::map<std::string, postgres_server> started;
    return started.try_emplace(settings, settings).first->second;
}
nats_server const& nats() {
    static nats_server const started;
    return started;
}
temporary_directory const& directory() {
    static temporary_directory const made;
    return made;
}

/// A name that nobody has used: of a file, a schema, a prefix.
std::string fresh(std::string const& what) {
    static int number = 0;
    return what + std::to_string(++number);
}

template <class Run>
benchmark::internal::Benchmark* add_any(std::string const& name, std::int64_t iterations, Run run) {
    return benchmark::RegisterBenchmark(name.c_str(), std::move(run))->Iterations(iterations);
}

template <class Run>
benchmark::internal::Benchmark* add(std::string const& name, std::int64_t iterations, Run run) {
    return add_any(name, iterations, std::move(run))->UseRealTime();
}

/// One that tells by itself how long it took.
template <class Run> void add_peer(std::string const& name, std::int64_t iterations, Run run) {
    add_any(name, iterations, std::move(run))->UseManualTime();
}

/// A contender that is made when it is first measured, and kept: the repetitions go on with its data.
template <class Make> auto kept(Make make) {
    using contender = decltype(make());
    return [=, made = std::make_shared<contender>()]() -> auto& {
        if (!*made)
            *made = make();
        return **made;
    };
}

template <class Make>
void add_append(
    std::string const& workload, std::string const& contender, std::size_t count, std::int64_t iterations,
    Make make) {
    add(workload + '/' + contender, iterations,
        [=, get = kept(make)](benchmark::State& state) { append(state, get(), count); });
}

/// Appends of 1, of 64 and of 1,024 events; `few`: each waits for a disk.
template <class Make>
void add_appends(
    std::string const& backend, std::string const& suffix, bool few, std::string const& contender,
    Make make) {
    add_append(backend + "/append_1" + suffix, contender, 1, few ? 200 : 2000, make);
    add_append(backend + "/append_64" + suffix, contender, 64, few ? 60 : 100, make);
    add_append(backend + "/append_1024" + suffix, contender, 1024, 10, make);
}

/// Appends of 64 events to one stream, as other event stores take several together.
template <class Make>
void add_append_to_one_stream(
    std::string const& backend, std::string const& suffix, std::string const& contender, Make make) {
    add(backend + "/append_64_to_one_stream" + suffix + '/' + contender, 60,
        [=, get = kept(make)](benchmark::State& state) { append_to_one_stream(state, get(), 64); });
}

template <class Make> void add_reads(std::string const& backend, std::string const& contender, Make make) {
    using contender_type = typename decltype(make())::element_type;
    struct filled {
        std::unique_ptr<contender_type> of;
        std::vector<std::string> streams;
    };
    auto const get = kept([=] {
        auto made = std::make_unique<filled>();
        made->of = make();
        made->streams = fill(*made->of);
        return made;
    });
    add(backend + "/read_forward/" + contender, 5, [=](benchmark::State& state) { read(state, *get().of); });
    add(backend + "/last_of_stream/" + contender, 1000,
        [=](benchmark::State& state) { last_of_stream(state, *get().of, get().streams); });
}

void add_memory() {
    auto const floor = [] { return std::make_unique<memory_floor>(); };
    auto const store = [] { return std::make_unique<store_contender<converge::memory_store>>(); };
    add_appends("memory", "", false, "floor", floor);
    add_appends("memory", "", false, "store", store);
    add_reads("memory", "floor", floor);
    add_reads("memory", "store", store);
}

/// Where waiting for the disk takes no time, so that what remains can be seen: a file system in memory.
constexpr auto memory_file_system = "/dev/shm";

std::filesystem::path in_memory_file_system() {
    static temporary_directory const made{memory_file_system};
    return made / fresh("sqlite");
}
std::filesystem::path on_disk() { return directory() / fresh("sqlite"); }

using path_maker = std::filesystem::path (*)();
using converge::sqlite_synchronous;

void add_sqlite(
    std::string const& suffix, path_maker path, sqlite_synchronous synchronous, bool only_lone_appends) {
    auto const waits = synchronous == sqlite_synchronous::full;
    auto const floor = [=] { return std::make_unique<sqlite_floor>(path(), synchronous); };
    auto const store = [=] {
        return std::make_unique<store_contender<converge::sqlite_store>>(
            path(), converge::sqlite_options{.synchronous = synchronous});
    };
    if (only_lone_appends) {
        add_append("sqlite/append_1" + suffix, "floor", 1, 1000, floor);
        add_append("sqlite/append_1" + suffix, "store", 1, 1000, store);
    } else {
        add_appends("sqlite", suffix, waits, "floor", floor);
        add_appends("sqlite", suffix, waits, "store", store);
    }
    if (!waits)
        return;
    if (!only_lone_appends) {
        add_append_to_one_stream("sqlite", suffix, "floor", floor);
        add_append_to_one_stream("sqlite", suffix, "store", store);
        add_reads("sqlite", "floor", floor);
        add_reads("sqlite", "store", store);
    }
    if (!peers::present())
        return;
    auto const peer = [=](std::string const& workload, std::int64_t iterations, std::int64_t events) {
        add_peer(
            "sqlite/" + workload + suffix + "/emmett", iterations,
            [=, file = std::string{}](benchmark::State& state) mutable {
                if (file.empty())
                    file = path();
                peers::run(state, {"store/peers/emmett_sqlite", "append", events, events}, file);
            });
    };
    peer("append_1", 200, 1);
    if (!only_lone_appends)
        peer("append_64_to_one_stream", 40, 64);
}

void add_postgres(char const* settings) {
    // Not at the first use: a server ends with the thread that starts it, and some benchmarks have threads of
    // their own.
    (void)server(settings);
    auto const waits = settings == durable_postgres;
    std::string const suffix = waits ? "" : "_no_wait";
    auto const floor = [=] {
        return std::make_unique<postgres_floor>(server(settings).uri(), fresh("floor_"));
    };
    auto const store = [=] {
        return std::make_unique<store_contender<converge::postgres_store>>(
            server(settings).uri(), converge::postgres_options{.schema = fresh("store_")});
    };
    add_appends("postgres", suffix, waits, "floor", floor);
    add_appends("postgres", suffix, waits, "store", store);
    add("postgres/append_1_of_8_writers" + suffix + "/store", waits ? 200 : 1000,
        [=](benchmark::State& state) {
            store_contender<converge::postgres_store> writer{
                server(settings).uri(), converge::postgres_options{.schema = "shared"}};
            append(state, writer, 1);
        })
        ->Threads(8);
    add_append_to_one_stream("postgres", suffix, "floor", floor);
    add_append_to_one_stream("postgres", suffix, "store", store);
    if (waits) {
        add_reads("postgres", "floor", floor);
        add_reads("postgres", "store", store);
    }
    if (!peers::present())
        return;
    auto const peer = [=](std::string const& workload, std::string const& name, std::int64_t iterations,
                          peers::work const& work) {
        add_peer("postgres/" + workload + suffix + '/' + name, iterations, [=](benchmark::State& state) {
            peers::run(state, work, server(settings).uri());
        });
    };
    peer("append_1", "message_db", waits ? 400 : 2000, {"store/peers/message_db", "append"});
    peer("append_64", "message_db", 40, {"store/peers/message_db", "append", 64, 64});
    peer("append_1", "emmett", waits ? 200 : 500, {"store/peers/emmett_postgresql", "append"});
    peer("append_64_to_one_stream", "emmett", 40, {"store/peers/emmett_postgresql", "append", 64, 64});
    peer(
        "append_1_of_8_writers", "message_db", waits ? 1600 : 8000,
        {"store/peers/message_db", "append", 1, 1, 8});
    if (waits)
        peer("read_forward", "message_db", 1, {"store/peers/message_db", "read", readable_events});
}

void add_jetstream() {
    (void)nats(); // for the same reason
    for (auto const writes : {jetstream_floor_writes::events_and_ids, jetstream_floor_writes::events}) {
        std::string const name = writes == jetstream_floor_writes::events ? "events_alone" : "floor";
        auto const floor = [=] {
            return std::make_unique<jetstream_floor>(nats().url(), fresh("floor"), writes);
        };
        add_appends("jetstream", "", false, name, floor);
        if (name == "floor")
            add_reads("jetstream", name, floor);
    }
    auto const store = [] {
        return std::make_unique<store_contender<converge::jetstream_store>>(
            nats().url(), converge::jetstream_options{.prefix = fresh("store")});
    };
    add_appends("jetstream", "", false, "store", store);
    add_reads("jetstream", "store", store);
}

void add_all() {
    add_memory();
    add_sqlite("", on_disk, sqlite_synchronous::full, false);
    add_sqlite("_no_wait", on_disk, sqlite_synchronous::normal, false);
    if (::access(memory_file_system, W_OK) == 0)
        add_sqlite("_in_ram", in_memory_file_system, sqlite_synchronous::full, true);
    if (auto const missing = postgres_server::missing()) {
        std::fprintf(stderr, "PostgreSQL is left out: %s\n", missing->c_str());
    } else {
        add_postgres(durable_postgres);
        add_postgres(hasty_postgres);
    }
    if (nats_server_program().empty())
        std::fprintf(stderr, "JetStream is left out: no nats-server is installed (Debian: nats-server)\n");
    else
        add_jetstream();
}

} // namespace

int main(int count, char** arguments) { return run_interleaved(count, arguments, add_all); }
