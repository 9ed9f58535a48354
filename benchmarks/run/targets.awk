# SPDX-License-Identifier: MIT
# After medians.awk and ../targets.awk: where the runner stands. Ratios first, what they are meant to be, then absolute figures.

function against(title, workload, contender, target) {
    if (known(workload, "converge") && known(workload, contender))
        line(title, ratio(workload, "converge", contender), target, ratio(workload, "converge", contender) >= target)
    else
        not_measured(title, workload, contender)
}
# Where others want the cores too, what would be without the time that a worker waited for one is told beside it; and what two
# reach that share nothing, each with a store of its own: more than that the machine does not allow.
function workers(title, workload,    one, two) {
    one = counted[workload "/one", "on_cores_ns"]
    two = counted[workload "/two", "on_cores_ns"]
    if (known(workload, "two") && known(workload, "one")) {
        line(title, ratio(workload, "two", "one"), 1.7, ratio(workload, "two", "one") >= 1.7)
        if (two > 0) printf "%-70s %6.2f\n", title ", without waits for a core", one / two
        if (known(workload, "two_apart")) {
            printf "%-70s %6.2f\n", title ": two that share nothing", ratio(workload, "two_apart", "one")
            printf "%-70s %6.2f\n", title ": of two that share nothing", ratio(workload, "two", "two_apart")
        }
    } else
        not_measured(title, workload, "two")
}
function a_second(title, name) {
    if (times[name] > 0) printf "%-52s %12.0f events/s  %9.2f us an event\n", title, 1e9 / times[name], times[name] / 1e3
}
function phase(title, name,    time) {
    time = counted["profile/memory", name "_ns"]
    printf "%-52s %9.0f ns an event  %4.0f %%\n", title, time, 100 * time / times["profile/memory"]
}
function latency(title, name) {
    if (times[name] > 0)
        printf "%-28s %9.0f events/s  p50 %8.0f us  p99 %8.0f us  p99.9 %8.0f us\n", title, counted[name, "a_second"], \
            counted[name, "p50_us"], counted[name, "p99_us"], counted[name, "p999_us"]
}

END {
    printf "\nFrom log to step: %s\n", machine()
    printf "\ntargets\n"
    if (known("run/memory_to_step", "converge"))
        line("memory, millions of events a second on one core", 1e3 / times["run/memory_to_step/converge"], 2, \
            1e3 / times["run/memory_to_step/converge"] >= 2)
    else
        not_measured("memory, millions of events a second on one core", "run/memory_to_step", "converge")
    if (known("run/memory_to_step", "converge") && known("run/memory_to_step", "floor"))
        printf "%-70s %6.2f\n", "memory, of the floor", ratio("run/memory_to_step", "converge", "floor")
    of_the_floor("SQLite", "run/sqlite_to_step", "converge", 0.8)
    of_the_floor("PostgreSQL", "run/postgres_to_step", "converge", 0.7)
    workers("memory, two workers on two cores, of one", "run/memory_workers")
    workers("PostgreSQL, two workers on two cores, of one", "run/postgres_workers")
    against("XState and better-sqlite3, actors", "run/sqlite_with_commands", "xstate_actors", 20)
    against("XState and better-sqlite3, batches by hand", "run/sqlite_with_commands", "xstate", 20)
    against("Emmett on SQLite", "run/sqlite_with_commands", "emmett", 20)
    against("Emmett on PostgreSQL", "run/postgres_with_commands", "emmett", 20)
    counts_of_targets()

    printf "\nevents a second\n"
    a_second("memory, from log to step", "run/memory_to_step/converge")
    a_second("memory, and commands handed over", "run/memory_with_commands/converge")
    a_second("SQLite, the floor", "run/sqlite_to_step/floor")
    a_second("SQLite, from log to step", "run/sqlite_to_step/converge")
    a_second("SQLite, and commands handed over", "run/sqlite_with_commands/converge")
    a_second("SQLite, XState, actors", "run/sqlite_with_commands/xstate_actors")
    a_second("SQLite, XState, batches by hand", "run/sqlite_with_commands/xstate")
    a_second("SQLite, Emmett", "run/sqlite_with_commands/emmett")
    a_second("PostgreSQL, the floor", "run/postgres_to_step/floor")
    a_second("PostgreSQL, from log to step", "run/postgres_to_step/converge")
    a_second("PostgreSQL, and commands handed over", "run/postgres_with_commands/converge")
    a_second("PostgreSQL, Emmett", "run/postgres_with_commands/emmett")

    if (times["profile/memory"] > 0) {
        printf "\nwhere the time goes: memory, each phase alone for a batch\n"
        phase("read", "read")
        phase("decode and route", "decode")
        phase("find the instance", "find")
        phase("step", "step")
        phase("ids", "ids")
        phase("encode", "encode")
        phase("append", "append")
        printf "%-52s %9.0f ns an event\n", "together", times["profile/memory"]
    }
    if (times["latency/memory"] > 0) {
        printf "\nfrom append to step, at half of the greatest load\n"
        latency("memory", "latency/memory")
        latency("SQLite", "latency/sqlite")
        latency("PostgreSQL", "latency/postgres")
    }
    if (times["space/instance"] > 0) {
        printf "\nspace\n"
        printf "%-52s %9.0f bytes\n", "a live instance in memory", counted["space/instance", "bytes"]
        printf "%-52s %9.0f bytes\n", "a pending deadline in memory", counted["space/deadline", "bytes"]
        printf "%-52s %9.1f MiB, %.0f events\n", "growth of a long run after its first third", \
            counted["space/long_run", "growth_MiB"], counted["space/long_run", "events"]
    }
}
