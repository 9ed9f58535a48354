# SPDX-License-Identifier: MIT
# After medians.awk: floor_of(compiler), in seconds. Each workload measures the same file, the include alone; its median over all of
# them is steadier than that of any one.

function floor_of(compiler,    at, path, size, floors, low, least) {
    if (compiler in known_floors) return known_floors[compiler]
    for (at = 1; at <= count; ++at) {
        split(names[at], path, "/")
        if (path[1] == compiler && path[2] != "include" && path[3] == "floor" && names[at] in times) floors[++size] = times[names[at]] / 1e9
    }
    # As many of the least are taken away as lie below the middle.
    for (low = 0; low < int((size + 1) / 2); ++low) {
        least = ""
        for (at in floors) if (least == "" || floors[at] < floors[least]) least = at
        known_floors[compiler] = floors[least]
        delete floors[least]
    }
    return known_floors[compiler]
}
