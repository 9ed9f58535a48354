# SPDX-License-Identifier: MIT
# After medians.awk: nanoseconds an event against the number of events, as SVG on a light card.

function x_at(events) { return 90 + 700 * log(events / 10000) / log(10000) }
function y_at(nanoseconds) { return 300 - 250 * nanoseconds / top }

END {
    for (events = 10000; events <= 100000000; events *= 10)
        for (which = 1; which <= 2; ++which) {
            value = least["replay/order/" (which == 1 ? "floor" : "converge") "/" sprintf("%d", events)] / events
            if (value > top) top = value
        }
    top = int(top) + 1
    print "<svg xmlns='http://www.w3.org/2000/svg' width='920' height='370' viewBox='0 0 920 370' font-family='system-ui, sans-serif'>"
    print "<!-- SPDX-License-Identifier: MIT. Made by ./dev bench replay -->"
    print "<style>"
    print ".card{fill:#fbfbfa;stroke:#d9d9d6}.axis{font-size:12px;fill:#4a4a47}.tick{font-size:11px;fill:#6b6b67}.grid{stroke:#e6e6e2;fill:none}"
    print ".curve{fill:none;stroke-width:2}.floor{stroke:#6b6b67}.converge{stroke:#1f5fa8}"
    print "</style>"
    print "<rect class='card' x='.5' y='.5' width='919' height='369' rx='8'/>"
    for (at = 0; at <= top; ++at)
        printf "<path class='grid' d='M90,%.1fH790'/><text class='tick' x='80' y='%.1f' text-anchor='end'>%d</text>\n", y_at(at), y_at(at) + 4, at
    for (power = 4; power <= 8; ++power)
        printf "<text class='tick' x='%.1f' y='320' text-anchor='middle'>10^%d</text>\n", x_at(10 ^ power), power
    print "<text class='axis' x='440' y='350' text-anchor='middle'>events of the log, ten an instance, at most a million instances</text>"
    print "<text class='axis' transform='translate(40,175) rotate(-90)' text-anchor='middle'>nanoseconds an event</text>"
    for (which = 1; which <= 2; ++which) {
        contender = which == 1 ? "floor" : "converge"
        d = ""
        for (events = 10000; events <= 100000000; events *= 10) {
            value = least["replay/order/" contender "/" sprintf("%d", events)] / events
            if (value <= 0) continue
            d = d sprintf("%s%.1f,%.1f", d == "" ? "M" : "L", x_at(events), y_at(value))
            y = y_at(value)
        }
        printf "<path class='curve %s' d='%s'/><text class='axis' x='800' y='%.1f'>%s</text>\n", contender, d, y + 4, contender == "floor" ? "by hand" : "converge"
    }
    print "</svg>"
}
