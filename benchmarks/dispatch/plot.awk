# SPDX-License-Identifier: MIT
# After medians.awk: nanoseconds an event as bars, by workload, on a logarithmic axis, as SVG on a light card.

function x_at(value) { return value <= low ? 0 : width * log(value / low) / log(high / low) }

END {
    events = 1048576
    low = 0.5; high = 500; width = 560; left = 210; bar = 15
    for (at = 1; at <= count; ++at) {
        split(names[at], path, "/")
        if (path[2] != before) { y += 34; group[++groups] = path[2]; group_at[groups] = y; before = path[2] }
        bar_at[at] = y; bar_name[at] = path[3]; y += bar + 4
    }
    height = y + 60
    printf "<svg xmlns='http://www.w3.org/2000/svg' width='920' height='%d' viewBox='0 0 920 %d' font-family='system-ui, sans-serif'>\n", height, height
    print "<!-- SPDX-License-Identifier: MIT. Made by ./dev bench dispatch -->"
    print "<style>"
    print ".card{fill:#fbfbfa;stroke:#d9d9d6}.title{font-size:14px;font-weight:600;fill:#1d1d1b}.axis{font-size:12px;fill:#4a4a47}"
    print ".tick{font-size:11px;fill:#6b6b67}.grid{stroke:#e6e6e2;fill:none}.other{fill:#b9b7b0}.floor{fill:#6b6b67}.converge{fill:#1f5fa8}"
    print "</style>"
    printf "<rect class='card' x='.5' y='.5' width='919' height='%d' rx='8'/>\n", height - 1
    split("0.5 1 2 5 10 20 50 100 200 500", ticks, " ")
    for (at = 1; at <= 10; ++at) {
        x = left + x_at(ticks[at])
        printf "<path class='grid' d='M%.1f,20V%d'/><text class='tick' x='%.1f' y='%d' text-anchor='middle'>%s</text>\n", x, height - 44, x, height - 28, ticks[at]
    }
    printf "<text class='axis' x='%d' y='%d' text-anchor='middle'>nanoseconds an event, shortest of the runs</text>\n", left + width / 2, height - 10
    for (at = 1; at <= groups; ++at) printf "<text class='title' x='24' y='%d'>%s</text>\n", group_at[at] + 12, group[at]
    for (at = 1; at <= count; ++at) {
        value = least[names[at]] / events
        kind = bar_name[at] == "converge" || bar_name[at] == "floor" ? bar_name[at] : "other"
        printf "<text class='axis' x='%d' y='%d' text-anchor='end'>%s</text>", left - 8, bar_at[at] + 12, bar_name[at]
        printf "<rect class='%s' x='%d' y='%d' width='%.1f' height='%d' rx='2'/>", kind, left, bar_at[at], x_at(value), bar
        printf "<text class='tick' x='%.1f' y='%d'>%s</text>\n", left + x_at(value) + 6, bar_at[at] + 12, sprintf(value < 10 ? "%.2f" : "%.0f", value)
    }
    print "</svg>"
}
