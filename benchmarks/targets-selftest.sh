# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For the tests of what a targets.awk says: a result of known numbers in Google Benchmark's layout, and its lines.
benchmark() { # NAME TIME [COUNTER VALUE]...
    printf '    {\n      "name": "%s",\n      "run_name": "%s",\n' "$1_median" "$1/iterations:5/real_time"
    printf '      "aggregate_name": "median",\n      "real_time": %s,\n      "time_unit": "us"' "$2"
    shift 2
    while [ $# -gt 0 ]; do
        printf ',\n      "%s": %s' "$1" "$2"
        shift 2
    done
    printf '\n    },\n'
}
context() {
    printf '{\n  "context": {\n    "date": "2026-11-25",\n    "num_cpus": 2,\n    "mhz_per_cpu": 2596,\n    "load_avg": [2.5,1,0]\n  },\n'
    printf '  "benchmarks": [\n'
}
failure() { # NAME: the last one
    printf '    {\n      "name": "x",\n      "run_name": "%s",\n      "error_message": "it failed",\n' "$1"
    printf '      "real_time": 0,\n      "time_unit": "ns"\n    }\n  ]\n}\n'
}
report() { # FOLDER
    awk -f "$1/../medians.awk" -f "$1/../targets.awk" -f "$1/targets.awk"
}
expect() { # TEXT: it is in $said; where not, sets failed
    printf '%s\n' "$said" | tr -s ' ' | grep -qF -- "$1" || {
        printf 'there is no line "%s"\n' "$1"
        failed=1
    }
}
