// SPDX-License-Identifier: MIT
#include <composed.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <dispatch/contenders.hpp>
#include <dispatch/known.hpp>
#include <flat.hpp>
#include <large.hpp>
#include <order.hpp>
#include <valgrind/callgrind.h>

// Takes the events of each workload of the dispatch benchmark once, and has callgrind write a profile named
// after the workload. Outside of callgrind it only prints the sums.
namespace {

constexpr std::size_t events = 1U << 14U;

template <class Run> void count(char const* workload, Run run) {
    CALLGRIND_ZERO_STATS;
    auto const sum = run();
    CALLGRIND_DUMP_STATS_AT(workload);
    std::printf("%s: the sum is %llu\n", workload, static_cast<unsigned long long>(sum));
}

template <class Workload> void count_workload() {
    event_log<Workload> const log{events};
    auto const entries = log.entries();
    count(Workload::name, [&] { return contenders::converge<Workload>(entries); });
}

} // namespace

int main() {
    count_workload<order::workload>();
    count_workload<flat::workload>();
    count_workload<composed::workload>();
    count_workload<large::workload>();
    typed_log const log{events};
    count("known", [&] { return contenders::known::converge(log); });
}
