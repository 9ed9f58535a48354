// SPDX-License-Identifier: MIT
#include <converge/dispatch/replay.hpp>

#include <benchmark/benchmark.h>
#include <benchmarks/processor_time.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <examples/order_fulfilment/process.hpp>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

// replay/order/<contender>/<events>: a log of random events is replayed over the orders in memory, ten events
// an order and at most a million orders. The floor does the same look-ups in a loop written by hand. Both
// must leave all orders in the same states.
namespace {

using process = order_fulfilment::order_process;
using states = converge::machine_states<process>;
static_assert(sizeof(states) == 4, "an order is one byte for each of its four machines");

constexpr std::size_t most_instances = 1'000'000;

/// The log and the orders of one size. It is made when it is first measured.
class world {
public:
    explicit world(std::size_t events) : events_{events} {}

    void prepare() {
        if (!log_.empty())
            return;
        instances_.resize(std::min(most_instances, events_ / 10));
        std::mt19937_64 random{events_};
        log_.reserve(events_);
        for (std::size_t at = 0; at < events_; ++at) {
            auto const drawn = random();
            log_.push_back(
                {static_cast<std::uint32_t>((drawn >> 32U) % instances_.size()),
                 static_cast<std::uint32_t>(
                     (drawn & 0xffffffffU) % converge::process_table_of<process>.letter_count)});
        }
    }
    void begin_anew() { std::fill(instances_.begin(), instances_.end(), converge::initial_states<process>); }

    void replay_by_library() { converge::replay<process>(instances_, log_); }

    // Tables as a hand would write them for this process: each event moves one machine, or none.
    void replay_by_hand() {
        for (auto const& each : log_) {
            auto& state = instances_[each.instance][hand.machine[each.letter]];
            state = hand.next[each.letter][state];
        }
    }

    std::uint64_t digest() const {
        std::uint64_t sum = 0;
        for (auto const& each : instances_)
            for (auto const state : each)
                sum = sum * 31 + state;
        return sum;
    }

private:
    struct hand_tables {
        std::array<std::uint8_t, 7> machine;
        std::array<std::array<std::uint8_t, 3>, 7> next;
    };
    static constexpr hand_tables hand{
        {0, 2, 1, 1, 0, 3, 3},
        {{{1, 1, 2}, {1, 1, 2}, {1, 1, 1}, {2, 1, 2}, {0, 1, 2}, {1, 1, 2}, {1, 1, 2}}}};
    static_assert(converge::process_table_of<process>.letter_count == 7);

    std::size_t events_;
    std::vector<states> instances_;
    std::vector<converge::instance_letter> log_;
};

bool failed = false;

void add(std::size_t events) {
    auto const of_size = std::make_shared<world>(events);
    auto const add_one = [&](std::string const& contender, void (world::*replay)()) {
        benchmark::RegisterBenchmark(
            ("replay/order/" + contender + "/" + std::to_string(events)).c_str(),
            [=](benchmark::State& state) {
                of_size->prepare();
                measure_processor_time(state, [&] {
                    of_size->begin_anew();
                    ((*of_size).*replay)();
                    benchmark::ClobberMemory();
                });
                auto const found = of_size->digest();
                of_size->begin_anew();
                of_size->replay_by_hand();
                if (found != of_size->digest()) {
                    failed = true;
                    state.SkipWithError("the orders are not where the loop by hand leaves them");
                }
                state.counters["events"] = benchmark::Counter(
                    static_cast<double>(events), benchmark::Counter::kIsIterationInvariantRate);
            })
            ->Unit(benchmark::kMillisecond)
            ->UseManualTime()
            ->MinTime(0.05);
    };
    add_one("floor", &world::replay_by_hand);
    add_one("converge", &world::replay_by_library);
}

} // namespace

int main(int count, char** arguments) {
    std::string interleaving = "--benchmark_enable_random_interleaving=true";
    std::vector<char*> all{arguments, arguments + count};
    all.insert(all.begin() + 1, interleaving.data());
    auto size = static_cast<int>(all.size());
    benchmark::Initialize(&size, all.data());
    if (benchmark::ReportUnrecognizedArguments(size, all.data()))
        return 2;
    benchmark::AddCustomContext("compiler", CONVERGE_COMPILER);
    for (std::size_t const events : {10'000U, 100'000U, 1'000'000U, 10'000'000U, 100'000'000U})
        add(events);
    benchmark::RunSpecifiedBenchmarks();
    return failed ? 1 : 0;
}
