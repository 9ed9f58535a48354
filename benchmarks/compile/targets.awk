# SPDX-License-Identifier: MIT
# After medians.awk and floors.awk: what the compile-time benchmark is meant to keep to, and what it measured. Seconds.

function of(compiler, workload, contender, size) { return times[compiler "/" workload "/" contender (size == "" ? "" : "/" size)] / 1e9 }
function known(compiler, workload, contender, size) { return of(compiler, workload, contender, size) > 0 }
function over(compiler, workload, contender, size) { return of(compiler, workload, contender, size) - floor_of(compiler) }
function known_over(compiler, workload, contender, size) { return known(compiler, workload, contender, size) && floor_of(compiler) > 0 }
function line(what, measured, target) {
    printf "%-72s %8.3f  target %-6s %s\n", what, measured, target, measured <= target ? "met" : "MISSED"
}
# What is written of so many rows: a `stay` is one entry for several.
function entries(compiler, rows) { return counted[compiler "/rows/declare/" rows, "entries"] }
# How steeply the time grows with a measure of size: 1 is linear.
function steepness(one, other, one_size, other_size) { return log(other / one) / log(other_size / one_size) }

END {
    for (at = 1; at <= count; ++at) {
        split(names[at], path, "/")
        if (!(path[1] in seen)) {
            seen[path[1]] = 1
            compilers[++compiler_count] = path[1]
        }
    }
    for (at = 1; at <= compiler_count; ++at) {
        compiler = compilers[at]
        is_clang = compiler ~ /clang/
        # clang has half as much again as g++.
        factor = is_clang ? 1.5 : 1
        if (known(compiler, "include", "verify"))
            line(compiler ": include alone", of(compiler, "include", "verify"), 0.3 * factor)
        if (known_over(compiler, "rows", "verify", 150))
            line(compiler ": 150 rows verified, over the include", over(compiler, "rows", "verify", 150), 0.25 * factor)
        if (known(compiler, "rows", "verify", 1000))
            line(compiler ": 1,000 rows verified", of(compiler, "rows", "verify", 1000), 1.5 * factor)
        if (known(compiler, "any_order", "verify", 16))
            line(compiler ": 16 events in any order", of(compiler, "any_order", "verify", 16), 1 * factor)
        if (known_over(compiler, "rows", "declare", 5120) && known_over(compiler, "rows", "declare", 1000))
            line(compiler ": declaration grows with (entries of the table)^n, 1,000 to 5,120 rows: n", \
                steepness(over(compiler, "rows", "declare", 1000), over(compiler, "rows", "declare", 5120), \
                    entries(compiler, 1000), entries(compiler, 5120)), 1.1)
        # |R| * |E|^2 of the two machines: 50 and 256 states, 20 events.
        if (known(compiler, "rows", "verify", 5120) && known(compiler, "rows", "verify", 1000) && \
            known(compiler, "rows", "declare", 5120) && known(compiler, "rows", "declare", 1000))
            line(compiler ": the check grows with (|R|*|E|^2)^n, 1,000 to 5,120 rows: n", \
                steepness(of(compiler, "rows", "verify", 1000) - of(compiler, "rows", "declare", 1000), \
                    of(compiler, "rows", "verify", 5120) - of(compiler, "rows", "declare", 5120), 50 * 20 ^ 2, 256 * 20 ^ 2), 1.1)
        if (is_clang)
            for (each = 1; each <= count; ++each) {
                split(names[each], path, "/")
                rest = substr(names[each], length(path[1]) + 2)
                if (path[1] == compiler && path[3] == "verify" && ("g++/" rest) in times)
                    line(compiler " against g++: " rest, times[names[each]] / times["g++/" rest], 1.5)
            }
    }
}
