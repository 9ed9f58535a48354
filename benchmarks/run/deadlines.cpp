// SPDX-License-Identifier: MIT
#include <converge/converge.hpp>
#include <converge/store/sqlite.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <malloc.h>
#include <resident_memory.hpp>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

// Deadlines on SQLite: a start with two million that are pending (or as many as CONVERGE_DEADLINES says), and
// how long after its time a deadline fires while a runner runs.
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct order_placed {
    BOOST_HANA_DEFINE_STRUCT(order_placed, (std::string, order));
};
struct order_timed_out {
    BOOST_HANA_DEFINE_STRUCT(order_timed_out, (std::string, order));
};
struct orders : converge::module<"orders", order_placed> {};
struct timeouts : converge::module<"timeouts", order_timed_out> {};
struct placement {
    struct none;
    struct placed;
    using transitions = converge::transitions<
        converge::row<none, order_placed, placed>, converge::stay<placed, order_placed>>;
};
template <std::chrono::milliseconds::rep Milliseconds> struct waiting {
    static constexpr converge::name name{"waiting"};
    using reads = converge::reads<orders, timeouts>;
    using machines = converge::machines<placement>;
    using effects = converge::effects<converge::effect<
        converge::when<placement::placed>,
        converge::deadline<order_timed_out, converge::period{std::chrono::milliseconds{Milliseconds}}>>>;
    static auto correlate(auto const& event) { return event.order; }
};
constexpr std::chrono::milliseconds::rep day = 86'400'000;

converge::timestamp real_now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// A database on the disk, removed at the end.
class database {
public:
    explicit database(std::string const& name)
        : path_{fs::current_path() / ("bench-" + name + "-" + std::to_string(::getpid()))} {
        fs::create_directory(path_);
    }
    database(database const&) = delete;
    database& operator=(database const&) = delete;
    ~database() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path file() const { return path_ / "bench.db"; }

private:
    fs::path path_;
};

template <class Store> void place(Store& store, std::size_t first, std::size_t count) {
    std::vector<converge::new_event> events;
    std::vector<std::string> keys;
    for (std::size_t number = first; number < first + count; ++number) {
        keys.push_back("order-" + std::to_string(number));
        events.push_back(converge::encode_event(order_placed{keys.back()}));
    }
    std::vector<converge::append_request> requests;
    for (std::size_t each = 0; each < count; ++each)
        requests.push_back({"orders", keys[each], converge::expected_version::any(), {&events[each], 1}});
    (void)store.commit({requests, {}});
}

std::size_t pending_deadlines() {
    auto const* const text = std::getenv("CONVERGE_DEADLINES"); // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? 2'000'000 : std::strtoull(text, nullptr, 10);
}

/// Deadlines of a day. The clock is at their beginning, or within a minute of the time of the first.
void start(benchmark::State& state) {
    static database const disk{"deadlines"};
    static auto const prepared = [] {
        converge::sqlite_store store{disk.file()};
        auto const begin = real_now();
        constexpr std::size_t part = 4'096;
        for (std::size_t number = 0; number < pending_deadlines(); number += part)
            place(store, number, std::min(part, pending_deadlines() - number));
        converge::make_runner<waiting<day>>(store, [] {}, {.batch_size = part}).catch_up();
        return begin;
    }();
    bool const soon = state.range(0) != 0;
    auto const now = [&] { return soon ? prepared + 24h - 30s : real_now(); };
    for ([[maybe_unused]] auto _ : state) {
        converge::sqlite_store store{disk.file()};
        ::malloc_trim(0); // what other parts of the program have freed does not count
        auto const memory = resident_memory();
        auto const begin = std::chrono::steady_clock::now();
        auto runner = converge::make_runner<waiting<day>>(store, [] {}, {.batch_size = 4'096, .now = now});
        runner.catch_up();
        state.SetIterationTime(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        state.counters["memory"] = resident_memory() - memory;
    }
    state.counters["pending"] = static_cast<double>(pending_deadlines());
}
BENCHMARK(start)
    ->ArgName("due_soon")
    ->Arg(0)
    ->Arg(1)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// From the time that a deadline is due to its event in the log, 1,000 of them within a second.
void lateness(benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state) {
        database const disk{"lateness"};
        converge::sqlite_store store{disk.file()};
        std::vector<double> late;
        std::atomic<std::size_t> fired{0};
        auto runner = converge::make_runner<waiting<2'000>>(
            store, [] {}, {}, converge::json_codec{},
            [&](converge::deadline_fired const& each) {
                late.push_back(std::chrono::duration<double>(real_now() - each.due).count());
                ++fired;
            });
        {
            std::jthread const working{[&](std::stop_token const& stop) { runner.run(stop); }};
            converge::sqlite_store writer{disk.file()};
            for (std::size_t number = 0; number < 1'000; number += 10) {
                place(writer, number, 10);
                std::this_thread::sleep_for(10ms);
            }
            for (auto const end = real_now() + 30s; fired < 1'000 && real_now() < end;)
                std::this_thread::sleep_for(1ms);
        }
        if (late.size() != 1'000) {
            state.SkipWithError("not all have fired");
            return;
        }
        std::ranges::sort(late);
        state.SetIterationTime(late[500]);
        state.counters["p99_ms"] = late[990] * 1e3;
        state.counters["most_ms"] = late.back() * 1e3;
    }
}
BENCHMARK(lateness)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
