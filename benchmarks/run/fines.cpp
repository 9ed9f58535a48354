// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/store/sqlite.hpp>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <examples/traffic_fines/handlers.hpp>
#include <examples/traffic_fines/import.hpp>
#include <examples/traffic_fines/log/generator.hpp>
#include <examples/traffic_fines/log/open.hpp>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// The main job on SQLite with synchronous=FULL: the rows of the log are imported and the process is run over
// them. The floor is a plain loop that inserts the same rows (events, steps, entries of the ledger, streams)
// in the same batches through SQLite's C API, into the same tables, with the keys that the promises need.
// `heap_table` is the loop into one table without an index, which promises nothing: no versions, no repeats
// found, no streams.
namespace {

using namespace traffic_fines;
namespace fs = std::filesystem;

constexpr std::size_t batch_size = 1024;

std::vector<log_row> const& rows() {
    static auto const all = [] {
        std::vector<log_row> made;
        auto const take = [&](log_row const& row, std::size_t) { made.push_back(row); };
        if (auto const* path = std::getenv("CONVERGE_REAL_LOG")) // NOLINT(concurrency-mt-unsafe)
            read_log(path, take, [](double) {});
        else
            log_generator{1}.generate(10'000, take);
        return made;
    }();
    return all;
}

template <class Store> void import_rows(Store& store) {
    importer into{store, batch_size};
    for (auto const& row : rows())
        into.add(row);
    into.flush();
}

template <class Store> void run_process(Store& store) {
    converge::make_runner<fine_process>(store, ledger_handlers(), {.batch_size = batch_size}).catch_up();
}

struct stored_row {
    std::int64_t module;
    std::int64_t stream;
    converge::recorded_event event;
};

/// Every row that the main job leaves in the store.
std::vector<stored_row> const& stored_rows(bool of_import_only) {
    static auto const read = [](bool with_run) {
        converge::memory_store store;
        import_rows(store);
        if (with_run)
            run_process(store);
        std::vector<stored_row> made;
        std::int64_t number = 0;
        std::map<std::pair<std::int64_t, std::string>, std::int64_t> streams;
        for (auto const* module : {"police", "payments", "appeals", "fines", "ledger"}) {
            ++number;
            store.read(module, 0, ~std::size_t{0}, module, [&](converge::event_view const& event) {
                auto const next = static_cast<std::int64_t>(streams.size() + 1);
                auto const stream =
                    streams.emplace(std::pair{number, std::string{event.stream}}, next).first->second;
                made.push_back({number, stream, converge::recorded_event{event}});
            });
        }
        return made;
    };
    static auto const imported = read(false);
    static auto const all = read(true);
    return of_import_only ? imported : all;
}

/// A directory for the databases, on the disk and not in memory: the waits for the disk are what counts.
class directory_on_disk {
public:
    directory_on_disk() : path_{fs::current_path() / ("bench-" + std::to_string(::getpid()))} {
        fs::create_directory(path_);
    }
    directory_on_disk(directory_on_disk const&) = delete;
    directory_on_disk& operator=(directory_on_disk const&) = delete;
    ~directory_on_disk() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path file() const { return path_ / "bench.db"; }
    void clear() const {
        for (auto const* suffix : {"", "-wal", "-shm"})
            fs::remove(file().string() + suffix);
    }

private:
    fs::path path_;
};

/// Times `work` on an empty file, without its preparation.
template <class Work> void time_each(benchmark::State& state, std::size_t events, Work work) {
    directory_on_disk const directory;
    for ([[maybe_unused]] auto _ : state) {
        directory.clear();
        auto const begin = std::chrono::steady_clock::now();
        work(directory.file());
        state.SetIterationTime(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events));
}

void must(int code, int wanted = SQLITE_OK) {
    if (code != wanted)
        throw std::runtime_error{sqlite3_errstr(code)};
}

class plain_loop {
public:
    plain_loop(fs::path const& path, bool same_tables) : same_tables_{same_tables} {
        must(sqlite3_open(path.c_str(), &database_));
        run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8192; "
            "PRAGMA cache_size = -65537");
        if (same_tables)
            run(converge::detail::sqlite_version_1);
        else
            run("CREATE TABLE event(key INTEGER PRIMARY KEY, module INT, stream INT, version INT, internal "
                "INT, "
                "recorded_at INT, id BLOB, name TEXT, payload BLOB)");
        insert_event_ = prepare("INSERT INTO event VALUES(?,?,?,?,?,?,?,?,?)");
        if (same_tables)
            insert_stream_ = prepare("INSERT INTO stream VALUES(?,?,?,?,?,?)");
    }
    plain_loop(plain_loop const&) = delete;
    plain_loop& operator=(plain_loop const&) = delete;
    ~plain_loop() {
        sqlite3_finalize(insert_event_);
        sqlite3_finalize(insert_stream_);
        sqlite3_close(database_);
    }

    void insert(std::vector<stored_row> const& all) {
        for (std::size_t at = 0; at < all.size(); ++at) {
            if (at % batch_size == 0)
                run(at == 0 ? "BEGIN" : "COMMIT; BEGIN");
            if (same_tables_ && all[at].event.version == 1)
                insert_stream(all[at]);
            insert_event(all[at]);
        }
        run("COMMIT");
    }

private:
    void run(char const* sql) { must(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepare(char const* sql) {
        sqlite3_stmt* made = nullptr;
        must(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr));
        return made;
    }
    static void number(sqlite3_stmt* into, int at, std::int64_t value) {
        must(sqlite3_bind_int64(into, at, value));
    }
    static void text(sqlite3_stmt* into, int at, std::string const& value) {
        must(sqlite3_bind_text(into, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC));
    }
    static void finish(sqlite3_stmt* inserted) {
        must(sqlite3_step(inserted), SQLITE_DONE);
        must(sqlite3_reset(inserted));
    }
    void insert_event(stored_row const& row) const {
        auto const& event = row.event;
        number(insert_event_, 1, row.module << 40 | static_cast<std::int64_t>(event.position));
        number(insert_event_, 2, row.module);
        number(insert_event_, 3, row.stream);
        number(insert_event_, 4, static_cast<std::int64_t>(event.version));
        number(insert_event_, 5, event.internal ? 1 : 0);
        number(insert_event_, 6, event.recorded_at.time_since_epoch().count());
        must(sqlite3_bind_blob(insert_event_, 7, event.id.data, 16, SQLITE_STATIC));
        text(insert_event_, 8, event.name);
        must(sqlite3_bind_blob(
            insert_event_, 9, event.payload.data(), static_cast<int>(event.payload.size()), SQLITE_STATIC));
        finish(insert_event_);
    }
    void insert_stream(stored_row const& row) const {
        number(insert_stream_, 1, row.stream);
        number(insert_stream_, 2, row.module);
        text(insert_stream_, 3, row.event.stream);
        for (auto const column : {4, 5, 6})
            number(insert_stream_, column, static_cast<std::int64_t>(row.event.version));
        finish(insert_stream_);
    }

    bool same_tables_;
    sqlite3* database_ = nullptr;
    sqlite3_stmt* insert_event_ = nullptr;
    sqlite3_stmt* insert_stream_ = nullptr;
};

void with_converge(benchmark::State& state, bool of_import_only) {
    (void)rows();
    time_each(state, rows().size(), [&](fs::path const& file) {
        converge::sqlite_store store{file};
        import_rows(store);
        if (!of_import_only)
            run_process(store);
    });
}

void with_plain_loop(benchmark::State& state, bool of_import_only, bool same_tables) {
    auto const& all = stored_rows(of_import_only);
    time_each(state, rows().size(), [&](fs::path const& file) { plain_loop{file, same_tables}.insert(all); });
}

void register_all() {
    for (bool const import_only : {false, true}) {
        std::string const workload = import_only ? "fines/import/" : "fines/import_and_run/";
        auto const add = [&](char const* contender, auto measure) {
            benchmark::RegisterBenchmark((workload + contender).c_str(), measure)
                ->UseManualTime()
                ->Unit(benchmark::kMillisecond)
                ->Iterations(1)
                ->Repetitions(5);
        };
        add("converge", [=](benchmark::State& state) { with_converge(state, import_only); });
        add("floor", [=](benchmark::State& state) { with_plain_loop(state, import_only, true); });
        add("heap_table", [=](benchmark::State& state) { with_plain_loop(state, import_only, false); });
    }
}

} // namespace

int main(int count, char** arguments) {
    benchmark::Initialize(&count, arguments);
    register_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
