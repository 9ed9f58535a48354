# SPDX-License-Identifier: MIT
# After medians.awk: nanoseconds an event, shortest of the runs, and the ratio that replay is meant to keep to.

function of(contender, events) { return least["replay/order/" contender "/" events] }

END {
    printf "%12s %10s %10s %8s\n", "events", "by hand", "converge", "ratio"
    for (events = 10000; events <= 100000000; events *= 10) {
        size = sprintf("%d", events)
        if (of("floor", size) == 0) continue
        printf "%12d %10.2f %10.2f %8.2f%s\n", events, of("floor", size) / events, of("converge", size) / events, \
            of("converge", size) / of("floor", size), events == 10000000 ? (of("converge", size) <= 1.3 * of("floor", size) ? "  target 1.3 met" : "  target 1.3 MISSED") : ""
    }
}
