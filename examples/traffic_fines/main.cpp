// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/store/sqlite.hpp>
#if defined(CONVERGE_HAS_POSTGRES)
#include <converge/store/postgres.hpp>
#endif
#if defined(CONVERGE_HAS_JETSTREAM)
#include <converge/store/jetstream.hpp>
#endif

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <examples/traffic_fines/handlers.hpp>
#include <examples/traffic_fines/import.hpp>
#include <examples/traffic_fines/log/csv_writer.hpp>
#include <examples/traffic_fines/log/generator.hpp>
#include <examples/traffic_fines/log/open.hpp>
#include <examples/traffic_fines/process.hpp>
#include <examples/traffic_fines/summary.hpp>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>

namespace {

using namespace traffic_fines;

// The stores whose libraries were there when this was built.
#if defined(CONVERGE_HAS_POSTGRES)
constexpr char const* postgres_form = ", postgres:URI";
#else
constexpr char const* postgres_form = "";
#endif
#if defined(CONVERGE_HAS_JETSTREAM)
constexpr char const* jetstream_form = ", nats://HOST:PORT";
#else
constexpr char const* jetstream_form = "";
#endif

struct settings {
    std::string log;
    std::string store; // empty: a file for each log in `databases`
    std::string databases = ".";
    std::string json;
    std::string save_log;
    std::size_t cases = 10'000;
    std::uint64_t seed = 1;
    std::size_t batch_size = 1024;
    int replicas = 1;
};

/// A bar on a terminal; nothing where the output goes elsewhere.
class progress_bar {
public:
    explicit progress_bar(std::string what) : what_{std::move(what)} {}
    progress_bar(progress_bar const&) = delete;
    progress_bar& operator=(progress_bar const&) = delete;
    ~progress_bar() {
        if (terminal_ && shown_ >= 0)
            std::cerr << "\r\x1b[K";
    }
    void show(double fraction) {
        auto const percent = static_cast<int>(fraction * 100);
        if (!terminal_ || percent == shown_)
            return;
        shown_ = percent;
        std::string bar(static_cast<std::size_t>(percent / 2), '=');
        std::cerr << '\r' << std::left << std::setw(10) << what_ << '[' << std::setw(50) << bar << "] "
                  << percent << " %" << std::flush;
    }

private:
    std::string what_;
    bool terminal_ = ::isatty(STDERR_FILENO) != 0;
    int shown_ = -1;
};

template <class Store> void import_log(Store& store, settings const& wanted) {
    importer into{store, wanted.batch_size};
    std::optional<csv_writer> copy;
    if (!wanted.save_log.empty())
        copy.emplace(wanted.save_log);
    auto const take = [&](log_row const& row, std::size_t) {
        into.add(row);
        if (copy)
            copy->write(row);
    };
    progress_bar bar{"import"};
    try {
        if (wanted.log.empty())
            log_generator{wanted.seed}.generate(wanted.cases, take);
        else
            read_log(wanted.log, take, [&](double fraction) { bar.show(fraction); });
    } catch (log_error const&) {
        into.flush(); // what was read is kept
        throw;
    }
    into.flush();
    if (copy)
        copy->close();
    std::cout << into.rows() << " events read, " << into.added() << " of them new\n";
}

template <class Store> void run_process(Store& store, settings const& wanted) {
    converge::runner_options options;
    options.batch_size = wanted.batch_size;
    auto runner = converge::make_runner<fine_process>(store, ledger_handlers(), options);
    progress_bar bar{"run"};
    auto const head =
        static_cast<double>(store.head("police") + store.head("payments") + store.head("appeals"));
    while (runner.work()) {
        double handled = 0;
        for (auto const at : runner.cursors())
            handled += static_cast<double>(at);
        bar.show(head == 0 ? 1 : handled / head);
    }
    for (auto const& item : runner.parked())
        std::cout << "parked: " << item.kind << ' ' << item.name << " at " << item.module << ' '
                  << item.position << ": " << item.reason << '\n';
}

void print(summary const& made, double seconds) {
    auto const table = [](char const* title, auto const& entries) {
        std::cout << '\n' << title << '\n';
        for (auto const& [name, number] : entries)
            std::cout << "  " << std::left << std::setw(28) << name << std::right << std::setw(12) << number
                      << '\n';
    };
    table("instances by end state", made.states);
    table("commands by type", made.commands);
    table("what stands", made.standing);
    table("positions", made.positions);
    std::cout << '\n'
              << made.events << " events, " << made.instances << " instances, " << std::fixed
              << std::setprecision(2) << seconds << " s, " << std::setprecision(0)
              << static_cast<double>(made.events) / seconds << " events/s\n";
}

template <class Store> void demo(Store& store, settings const& wanted) {
    auto const begin = std::chrono::steady_clock::now();
    import_log(store, wanted);
    run_process(store, wanted);
    auto const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    auto const made = summarize(store);
    print(made, seconds);
    if (wanted.json.empty())
        return;
    errno = 0;
    std::ofstream file{wanted.json};
    file << boost::json::serialize(to_json(made, seconds)) << '\n';
    if (!file.flush())
        throw std::runtime_error{wanted.json + ": cannot be written: " + std::strerror(errno)};
}

/// A database for each log: in one, the summary would be of all logs that were ever read.
std::string store_for(settings const& wanted) {
    constexpr std::size_t longest = 100; // of the log's name in the file's name
    std::filesystem::path const log{wanted.log};
    auto const name = wanted.log.empty()
                          ? "generated-" + std::to_string(wanted.cases) + "-" + std::to_string(wanted.seed)
                          : log.filename().string().substr(0, longest) + "-" +
                                to_string(converge::name_based_id(
                                    std::string_view{std::filesystem::weakly_canonical(log).native()}));
    return "sqlite:" + (std::filesystem::path{wanted.databases} / (name + ".db")).string();
}

/// What libpq is given, of "postgres:URI" ("postgres:service=fines") or of a URI as it is; nothing for other
/// stores.
[[maybe_unused]] std::optional<std::string> postgres_connection(std::string const& store) {
    if (store.starts_with("postgres://") || store.starts_with("postgresql://"))
        return store;
    if (store.starts_with("postgres:"))
        return store.substr(9);
    return std::nullopt;
}

void open_and_run(settings const& wanted) {
    std::error_code ignored;
    if (std::filesystem::equivalent(wanted.log, wanted.save_log, ignored))
        throw std::runtime_error{"--save-log " + wanted.save_log + ": is the log that is to be read"};
    if (wanted.store == "memory:") {
        converge::memory_store store;
        demo(store, wanted);
    } else if (wanted.store.starts_with("sqlite:") && wanted.store.size() > 7) {
        converge::sqlite_store store{wanted.store.substr(7)};
        demo(store, wanted);
#if defined(CONVERGE_HAS_POSTGRES)
    } else if (auto const connection = postgres_connection(wanted.store)) {
        converge::postgres_store store{*connection};
        demo(store, wanted);
#endif
#if defined(CONVERGE_HAS_JETSTREAM)
    } else if (wanted.store.starts_with("nats://")) {
        converge::jetstream_store store{wanted.store, {.replicas = wanted.replicas}};
        demo(store, wanted);
#endif
    } else {
        throw std::runtime_error{
            "--store " + wanted.store + ": unknown store; known are sqlite:FILE, memory:" + postgres_form +
            jetstream_form};
    }
}

} // namespace

int main(int count, char** arguments) {
    CLI::App app{
        "Runs the process of traffic fines over an event log, or over a generated one of the same shape."};
    settings wanted;
    auto const* const log = app.add_option("LOG", wanted.log, "event log, CSV or XES, plain or gzip");
    app.add_option(
        "--store", wanted.store,
        std::string{"sqlite:FILE, memory:"} + postgres_form + jetstream_form +
            "; else a file for each log in --databases");
    app.add_option("--databases", wanted.databases, "folder of the databases")->capture_default_str();
    app.add_option("--replicas", wanted.replicas, "servers that keep a new stream, with nats:")
        ->capture_default_str()
        ->check(CLI::Range(1, 5));
    app.add_option("--json", wanted.json, "write the summary to this file as JSON");
    app.add_option(
        "--save-log", wanted.save_log, "write the log to this file as CSV (gzip if it ends in .gz)");
    app.add_option("--cases", wanted.cases, "cases to generate when there is no LOG")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
    app.add_option("--seed", wanted.seed, "of the generated log")->capture_default_str();
    app.add_option("--batch", wanted.batch_size, "events in a transaction")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
    CLI11_PARSE(app, count, arguments);
    try {
        if (log->count() != 0 && wanted.log.empty()) // a variable of the shell that is not set, perhaps
            throw std::runtime_error{"LOG is empty; without it a log is generated"};
        if (wanted.store.empty())
            wanted.store = store_for(wanted);
        open_and_run(wanted);
        return 0;
    } catch (std::exception const& error) {
        std::cerr << "traffic_fines: " << error.what() << '\n';
        return 1;
    }
}
