# SPDX-License-Identifier: MIT
# From Google Benchmark's JSON, one key a line: for each <group>/<workload>, how fast each contender is, the contender `floor` being 1.
# Medians of the repetitions; where there was one run only, that one.

function text() { sub(/^[^:]*: *"/, ""); sub(/",? *$/, ""); return $0 }

/^ *"run_name":/ { name = text(); aggregate = ""; error = "" }
/^ *"aggregate_name":/ { aggregate = text() }
/^ *"error_message":/ { error = text() }
/^ *"real_time":/ { time = $2 + 0 }
/^ *"time_unit":/ {
    unit = text()
    time *= unit == "s" ? 1e9 : unit == "ms" ? 1e6 : unit == "us" ? 1e3 : 1
}

# The end of a benchmark: <group>/<workload>/<contender>, then arguments, which belong to the workload, then run settings.
/^ *},? *$/ && name != "" {
    sub(/\/(iterations:|repeats:|min_time:|min_warmup_time:|manual_time|real_time|process_time|threads:).*/, "", name)
    parts = split(name, path, "/")
    if (error != "") {
        printf "%s: %s\n", name, error
        failed = 1
    } else if (parts >= 3) {
        workload = path[1] "/" path[2]
        for (at = 4; at <= parts; ++at) workload = workload "/" path[at]
        contender = path[3]
        if (!((workload, contender) in times)) {
            if (!(workload in contenders)) order[++workloads] = workload
            contenders[workload] = contenders[workload] " " contender
            times[workload, contender] = time
        }
        if (aggregate == "median") times[workload, contender] = time
    }
    name = ""
}

END {
    for (at = 1; at <= workloads; ++at) {
        workload = order[at]
        count = split(contenders[workload], names, " ")
        for (each = 1; each <= count; ++each) {
            if (names[each] == "floor") continue
            if ((workload, "floor") in times)
                printf "%-40s %-24s %6.2f of the floor\n", workload, names[each], times[workload, "floor"] / times[workload, names[each]]
            else
                printf "%-40s %-24s there is no floor\n", workload, names[each]
        }
    }
    exit failed
}
