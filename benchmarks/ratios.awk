# SPDX-License-Identifier: MIT
# After medians.awk: for each <group>/<workload>, how fast each contender is, the contender `floor` being 1.

# A name is <group>/<workload>/<contender>, then arguments, which belong to the workload.
END {
    for (at = 1; at <= count; ++at) {
        name = names[at]
        parts = split(name, path, "/")
        if (name in errors) {
            printf "%s: %s\n", name, errors[name]
            failed = 1
        } else if (parts >= 3) {
            workload = path[1] "/" path[2]
            for (part = 4; part <= parts; ++part) workload = workload "/" path[part]
            if (!(workload in contenders)) order[++workloads] = workload
            contenders[workload] = contenders[workload] " " path[3]
            time_of[workload, path[3]] = times[name]
        }
    }
    for (at = 1; at <= workloads; ++at) {
        workload = order[at]
        listed = split(contenders[workload], list, " ")
        for (each = 1; each <= listed; ++each) {
            if (list[each] == "floor") continue
            if ((workload, "floor") in time_of)
                printf "%-40s %-24s %6.2f of the floor\n", workload, list[each], time_of[workload, "floor"] / time_of[workload, list[each]]
            else
                printf "%-40s %-24s there is no floor\n", workload, list[each]
        }
    }
    exit failed
}
