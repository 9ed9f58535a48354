# SPDX-License-Identifier: MIT
# After medians.awk: ratios of the shortest runs, for what else the machine does only adds to a run; then nanoseconds an event, the
# shortest and the median; then what dispatch is meant to keep to.

function of(workload, contender) { return least["dispatch/" workload "/" contender] }
function target(workload, contender, other, most,    ratio) {
    if (of(workload, contender) == 0 || of(workload, other) == 0) return
    ratio = of(workload, contender) / of(workload, other)
    printf "%-10s %-9s / %-10s %7.2f  target %-5s %s\n", workload, contender, other, ratio, most, ratio <= most ? "met" : "MISSED"
}

END {
    events = 1048576
    for (at = 1; at <= count; ++at) {
        split(names[at], path, "/")
        if (!(path[2] in seen)) { seen[path[2]] = 1; workloads[++workload_count] = path[2] }
        if (!(path[3] in known)) { known[path[3]] = 1; contenders[++contender_count] = path[3] }
    }
    printf "%-12s", "time / floor"
    for (at = 1; at <= workload_count; ++at) printf "%10s", workloads[at]
    print ""
    for (which = 1; which <= contender_count; ++which) {
        printf "%-12s", contenders[which]
        for (at = 1; at <= workload_count; ++at)
            if (("dispatch/" workloads[at] "/" contenders[which]) in times) printf "%10.2f", of(workloads[at], contenders[which]) / of(workloads[at], "floor")
            else printf "%10s", "-"
        print ""
    }
    printf "%-12s", "ns an event"
    for (at = 1; at <= workload_count; ++at) printf "%16s", workloads[at]
    print ""
    for (which = 1; which <= contender_count; ++which) {
        printf "%-12s", contenders[which]
        for (at = 1; at <= workload_count; ++at) {
            name = "dispatch/" workloads[at] "/" contenders[which]
            if (name in times) printf "%16s", sprintf("%.2f (%.2f)", least[name] / events, times[name] / events)
            else printf "%16s", "-"
        }
        print ""
    }
    for (at = 1; at <= workload_count; ++at) target(workloads[at], "converge", "floor", 1.1)
    target("flat", "converge", "switch", 0.5)
    target("large", "converge", "switch", 0.5)
    for (at = 1; at <= workload_count; ++at) target(workloads[at], "converge", "msm", 0.4)
    target("known", "converge", "switch", 1)
}
