# SPDX-License-Identifier: MIT
# After medians.awk and ../targets.awk: where the stores stand. First how fast each is where its floor is 1, then what they are meant to keep to.

function cell(workload) {
    return known(workload, "store") && known(workload, "floor") ? sprintf("%.2f", ratio(workload, "store", "floor")) : "-"
}
function row(backend, suffix, title) {
    printf "%-34s %8s %8s %8s %8s %8s\n", title, cell(backend "/append_1" suffix), cell(backend "/append_64" suffix), \
        cell(backend "/append_1024" suffix), cell(backend "/read_forward" suffix), cell(backend "/last_of_stream" suffix)
}
# Where even the floor is too slow, with the same or with one event alone, what is missed is not for the store to gain.
function bound(workload, peer, target,    alone, single) {
    if (known(workload, "floor"))
        return ratio(workload, "floor", peer) >= target ? "" : sprintf(": the floor itself reaches %.2f", ratio(workload, "floor", peer))
    single = workload
    sub(/_64_to_one_stream/, "_1", single)
    if (!known(single, "floor")) return ""
    alone = times[workload "/" peer] / times[single "/floor"]
    return alone >= target ? "" : sprintf(": one event alone, on the floor, reaches %.2f", alone)
}
function against(title, workload, peer, target) {
    if (known(workload, "store") && known(workload, peer))
        line(title, ratio(workload, "store", peer), target, ratio(workload, "store", peer) >= target, bound(workload, peer, target))
    else
        not_measured(title, workload, peer)
}
function most_of_each(title, suffix, target,    measured) {
    if (known("postgres/append_64" suffix, "store") && known("postgres/append_1" suffix, "message_db")) {
        measured = 64 * times["postgres/append_1" suffix "/message_db"] / times["postgres/append_64" suffix "/store"]
        line(title, measured, target, measured >= target)
    } else
        not_measured(title, "postgres/append_1" suffix, "message_db")
}
function without_target(title, workload) {
    if (known(workload, "store") && known(workload, "message_db"))
        printf "%-70s %6.2f\n", title, ratio(workload, "store", "message_db")
}

END {
    printf "\nThe stores: %s\n", machine()
    printf "\n%-34s %8s %8s %8s %8s %8s\n", "how fast, where the floor is 1", "append 1", "64", "1,024", "read", "last"
    row("memory", "", "memory")
    row("sqlite", "", "SQLite")
    row("sqlite", "_no_wait", "SQLite, synchronous = NORMAL")
    row("postgres", "", "PostgreSQL")
    row("postgres", "_no_wait", "PostgreSQL, fsync = off")
    row("jetstream", "", "JetStream")

    printf "\ntargets, against the floor\n"
    of_the_floor("SQLite, append of 64", "sqlite/append_64", "store", 0.8)
    of_the_floor("SQLite, append of 1,024", "sqlite/append_1024", "store", 0.8)
    of_the_floor("PostgreSQL, append of 64", "postgres/append_64", "store", 0.8)
    of_the_floor("PostgreSQL, append of 1,024", "postgres/append_1024", "store", 0.8)
    of_the_floor("JetStream, append of 64", "jetstream/append_64", "store", 0.7)
    of_the_floor("JetStream, append of 1,024", "jetstream/append_1024", "store", 0.7)

    printf "\ntargets, as many times as fast as another event store, from one connection\n"
    against("Message DB, append of 1", "postgres/append_1", "message_db", 3)
    against("Message DB, append of 1, fsync = off", "postgres/append_1_no_wait", "message_db", 3)
    most_of_each("Message DB, events of one connection: its 1 a call, our 64", "", 3)
    most_of_each("Message DB, the same, fsync = off", "_no_wait", 3)
    without_target("Message DB, 64 of its calls in one statement, which it does not offer", "postgres/append_64")
    without_target("Message DB, the same, fsync = off", "postgres/append_64_no_wait")
    against("Message DB, read", "postgres/read_forward", "message_db", 1)
    against("Emmett on PostgreSQL, append of 1", "postgres/append_1", "emmett", 5)
    against("Emmett on PostgreSQL, append of 1, fsync = off", "postgres/append_1_no_wait", "emmett", 5)
    against("Emmett on PostgreSQL, 64 to one stream", "postgres/append_64_to_one_stream", "emmett", 5)
    against("Emmett on PostgreSQL, 64 to one stream, fsync = off", "postgres/append_64_to_one_stream_no_wait", "emmett", 5)
    against("Emmett on SQLite, append of 1", "sqlite/append_1", "emmett", 5)
    against("Emmett on SQLite, append of 1, file in memory", "sqlite/append_1_in_ram", "emmett", 5)
    against("Emmett on SQLite, 64 to one stream", "sqlite/append_64_to_one_stream", "emmett", 5)
    counts_of_targets()
    if (known("sqlite/append_1", "floor"))
        printf "One append that waits for the disk is bound by it: the floor takes %.1f ms on SQLite%s, all stores alike.\n", \
            times["sqlite/append_1/floor"] / 1e6, \
            known("postgres/append_1", "floor") ? sprintf(", %.1f ms on PostgreSQL", times["postgres/append_1/floor"] / 1e6) : ""
}
