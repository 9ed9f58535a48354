# SPDX-License-Identifier: MIT
# After medians.awk and floors.awk: the curves of the compile-time benchmark as SVG, on a light card that can be read on any background. Four
# panels; colour is the compiler, stroke the contender.

function frame(title, x_title, y_title,    at) {
    printf "<g transform='translate(%d,%d)'>\n", left, top
    printf "<text class='title' x='0' y='-14'>%s</text>\n", title
    printf "<text class='axis' x='%d' y='%d' text-anchor='middle'>%s</text>\n", width / 2, height + 34, x_title
    printf "<text class='axis' transform='translate(-40,%d) rotate(-90)' text-anchor='middle'>%s</text>\n", height / 2, y_title
}

# Axes: lowest and highest value, whether logarithmic.
function set_x(from, to, logarithmic) { x_from = from; x_to = to; x_log = logarithmic }
function set_y(from, to, logarithmic) { y_from = from; y_to = to; y_log = logarithmic }
function part(value, from, to, logarithmic) { return logarithmic ? log(value / from) / log(to / from) : (value - from) / (to - from) }
function x_at(value) { return width * part(value, x_from, x_to, x_log) }
function y_at(value) { return height * (1 - part(value, y_from, y_to, y_log)) }

function x_tick(value, label) {
    printf "<path class='grid' d='M%.1f,0V%d'/><text class='tick' x='%.1f' y='%d' text-anchor='middle'>%s</text>\n", x_at(value), height, x_at(value), height + 16, label
}
function y_tick(value, label) {
    printf "<path class='grid' d='M0,%.1fH%d'/><text class='tick' x='-7' y='%.1f' text-anchor='end'>%s</text>\n", y_at(value), width, y_at(value) + 4, label
}

# What a curve shows of one size; 0 where nothing was measured.
function value_of(what, compiler, workload, contender, size,    name) {
    name = compiler "/" workload "/" contender "/" size
    if (!(name in times)) return 0
    if (what == "over" && floor_of(compiler) == 0) return 0
    if (what == "over") return times[name] / 1e9 - floor_of(compiler)
    return times[name] / 1e9
}

# One curve, its label at the last point.
function curve(what, compiler, workload, contender, sizes, label, label_shift,    list, number, at, value, d, marks, x, y) {
    number = split(sizes, list, " ")
    for (at = 1; at <= number; ++at) {
        value = value_of(what, compiler, workload, contender, list[at])
        if (value <= 0) continue
        x = x_at(list[at])
        y = y_at(value)
        d = d sprintf("%s%.1f,%.1f", d == "" ? "M" : "L", x, y)
        marks = marks sprintf("<circle cx='%.1f' cy='%.1f' r='2.6'/>", x, y)
    }
    if (d == "") return
    printf "<g class='%s'><path class='curve %s' d='%s'/>%s", class_of[compiler], contender, d, marks
    if (label != "") printf "<text class='label' x='%.1f' y='%.1f'>%s</text>", x + 7, y + 4 + label_shift, label
    print "</g>"
}

# The same curve for each compiler; only the first one is labelled.
function curves(what, workload, contender, sizes, label, label_shift,    at) {
    for (at = 1; at <= compiler_count; ++at)
        curve(what, compilers[at], workload, contender, sizes, at == 1 ? label : "", label_shift)
}

function highest(what, workload, contenders, sizes,    list, number, at, which, each, size_list, size_count, most, value) {
    number = split(contenders, list, " ")
    size_count = split(sizes, size_list, " ")
    for (at = 1; at <= compiler_count; ++at)
        for (which = 1; which <= number; ++which)
            for (each = 1; each <= size_count; ++each) {
                value = value_of(what, compilers[at], workload, list[which], size_list[each])
                if (value > most) most = value
            }
    return most
}

# A linear axis from 0, with four or five round ticks.
function linear_y(most,    step, at, digits) {
    if (most <= 0) most = 1 # nothing was measured
    step = 10 ^ int(log(most) / log(10) - (most < 1))
    if (most / step > 5) step *= 2
    if (most / step > 5) step *= 2.5
    if (most / step < 2.5) step /= 2
    set_y(0, step * int(most / step + 0.999), 0)
    digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2
    for (at = 0; at <= y_to / step + 0.01; ++at) y_tick(at * step, sprintf("%." digits "f", at * step))
}

function ticks_of_sizes(sizes,    list, number, at) {
    number = split(sizes, list, " ")
    for (at = 1; at <= number; ++at) x_tick(list[at], list[at])
}

END {
    for (with_clang = 0; with_clang < 2; ++with_clang)
        for (at = 1; at <= count; ++at) {
            split(names[at], path, "/")
            if ((path[1] ~ /clang/) != with_clang || path[1] in class_of) continue
            compilers[++compiler_count] = path[1]
            class_of[path[1]] = "compiler" compiler_count
        }
    width = 300
    height = 200
    print "<svg xmlns='http://www.w3.org/2000/svg' width='920' height='690' viewBox='0 0 920 690' font-family='system-ui, sans-serif'>"
    print "<!-- SPDX-License-Identifier: MIT. Made by ./dev bench compile -->"
    print "<style>"
    print ".card{fill:#fbfbfa;stroke:#d9d9d6}.title{font-size:15px;font-weight:600;fill:#1d1d1b}.axis{font-size:12px;fill:#4a4a47}"
    print ".tick{font-size:11px;fill:#6b6b67}.label{font-size:11.5px}.grid{stroke:#e6e6e2;fill:none}.curve{fill:none;stroke-width:2}"
    print ".compiler1{stroke:#1f5fa8;fill:#1f5fa8}.compiler2{stroke:#c2571a;fill:#c2571a}.compiler3{stroke:#3a7d44;fill:#3a7d44}"
    print "circle{stroke:none}.label{stroke:none}.declare{stroke-dasharray:2 4}.boost_statechart{stroke-dasharray:7 4}.boost_msm{stroke-dasharray:11 4 2 4}"
    print ".floor{stroke-width:1.2;opacity:.6}"
    print "</style>"
    print "<rect class='card' x='.5' y='.5' width='919' height='689' rx='8'/>"
    for (at = 1; at <= compiler_count; ++at)
        printf "<g class='%s'><path class='curve' d='M%d,28h24'/><text class='label' x='%d' y='32' style='font-size:13px'>%s</text></g>\n", \
            class_of[compilers[at]], 74 + 130 * (at - 1), 104 + 130 * (at - 1), compilers[at]

    rows = "10 50 150 500 1000"
    all_rows = "10 50 150 500 1000 2000 5120"

    left = 74; top = 84
    frame("Rows, beside the libraries of Boost", "rows of the machine", "seconds, all in all")
    set_x(10, 1000, 1)
    set_y(0.1, 30, 1)
    ticks_of_sizes(rows)
    y_tick(0.1, "0.1"); y_tick(0.3, "0.3"); y_tick(1, "1"); y_tick(3, "3"); y_tick(10, "10"); y_tick(30, "30")
    curves("time", "rows", "floor", rows, "include alone", 10)
    curves("time", "rows", "dispatch", rows, "converge", -6)
    curves("time", "rows", "boost_statechart", rows, "Statechart", 0)
    curves("time", "rows", "boost_msm", "10 50 150", "MSM", 0)
    print "</g>"

    left = 534
    frame("Rows", "rows of the machine", "seconds over the include")
    set_x(0, 5120, 0)
    linear_y(highest("over", "rows", "declare verify", all_rows))
    ticks_of_sizes("500 1000 2000 5120")
    curves("over", "rows", "declare", all_rows, "declared", 0)
    curves("over", "rows", "verify", all_rows, "verified", 0)
    print "</g>"

    left = 74; top = 404
    events = "2 4 8 12 16 20"
    frame("Events of a machine with 50 states", "events of the machine", "seconds over the include")
    set_x(0, 20, 0)
    linear_y(highest("over", "events", "declare verify", events))
    ticks_of_sizes(events)
    curves("over", "events", "declare", events, "declared", 0)
    curves("over", "events", "verify", events, "verified", 0)
    print "</g>"

    left = 534
    machines = "1 2 4 8"
    frame("Machines of 12 states in a process", "machines of the process", "seconds over the include")
    set_x(0, 8, 0)
    linear_y(highest("over", "machines", "verify", machines))
    ticks_of_sizes(machines)
    curves("over", "machines", "verify", machines, "verified", 0)
    print "</g>"
    print "</svg>"
}
