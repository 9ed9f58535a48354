# SPDX-License-Identifier: MIT
# From Google Benchmark's JSON: for each <group>/<workload>, the time of the contender `floor` over the time of each contender.
/"run_name":/ { split($0, quoted, "\""); name = quoted[4] }
/"aggregate_name":/ { split($0, quoted, "\""); aggregate = quoted[4] }
/"real_time":/ {
    if (aggregate != "median") next
    value = $2; sub(/,/, "", value)
    sub(/\/(iterations|repeats|manual_time|real_time).*/, "", name)
    parts = split(name, path, "/")
    contender = path[parts]
    workload = substr(name, 1, length(name) - length(contender) - 1)
    time[workload, contender] = value
    if (!(workload in contenders)) order[++workloads] = workload
    contenders[workload] = contenders[workload] " " contender
}
END {
    for (at = 1; at <= workloads; ++at) {
        workload = order[at]
        if (!((workload, "floor") in time)) continue
        count = split(contenders[workload], names, " ")
        for (each = 1; each <= count; ++each)
            if (names[each] != "floor")
                printf "%-40s %-20s %.2f of the floor's speed\n", workload, names[each], time[workload, "floor"] / time[workload, names[each]]
    }
}
