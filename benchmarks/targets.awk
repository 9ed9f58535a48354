# SPDX-License-Identifier: MIT
# After medians.awk and before the targets of one benchmark: on what machine it ran, and how a target is told.

/^ *"date":/ { date = text() }
/^ *"num_cpus":/ { cpus = $2 + 0 }
/^ *"mhz_per_cpu":/ { megahertz = $2 + 0 }
/^ *"load_avg":/ { load = $0; sub(/^[^[]*\[/, "", load); sub(/\].*/, "", load); gsub(",", " ", load) }
/^ *"compiler":/ { compiler = text() }

function machine() {
    return sprintf("%s, %d processors of %d MHz, load %s%s", date, cpus, megahertz, load, compiler == "" ? "" : ", " compiler)
}
function known(workload, contender) { return times[workload "/" contender] > 0 }
# How many times as fast as another one the contender is.
function ratio(workload, contender, other) { return times[workload "/" other] / times[workload "/" contender] }
function line(what, measured, target, met, why) {
    printf "%-70s %6.2f  target %-5s %s\n", what, measured, target, met ? "met" : "MISSED" why
    if (met) ++kept
    else ++missed
}
function not_measured(what, workload, contender) {
    printf "%-70s not measured%s\n", what, (workload "/" contender) in errors ? ": " errors[workload "/" contender] : ""
    ++unknown
}
function of_the_floor(title, workload, contender, target) {
    if (known(workload, contender) && known(workload, "floor"))
        line(title ", of the floor", ratio(workload, contender, "floor"), target, ratio(workload, contender, "floor") >= target)
    else
        not_measured(title ", of the floor", workload, contender)
}
function counts_of_targets() { printf "\n%d met, %d missed, %d not measured\n", kept, missed, unknown }
