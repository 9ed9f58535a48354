# SPDX-License-Identifier: MIT
# Reads Google Benchmark's JSON, one key a line, for the script that follows: names[1..count] in their order, and of each name
# times[name] in nanoseconds, counted[name, key] for the counters that are listed below, errors[name]. Medians of the repetitions;
# where there was one run only, that one. least[name] is the shortest of the runs.

function text() { sub(/^[^:]*: *"/, ""); sub(/",? *$/, ""); return $0 }

/^ *"run_name":/ { name = text(); aggregate = ""; error = ""; split("", counters) }
/^ *"aggregate_name":/ { aggregate = text() }
/^ *"error_message":/ { error = text() }
/^ *"real_time":/ { time = $2 + 0 }
/^ *"(peak_MiB|entries|p50_us|p99_us|p999_us|a_second|bytes|growth_MiB|events|busy_cores|[a-z_]+_ns)":/ {
    key = $1
    gsub(/[":]/, "", key)
    counters[key] = $2 + 0
}
/^ *"time_unit":/ {
    unit = text()
    time *= unit == "s" ? 1e9 : unit == "ms" ? 1e6 : unit == "us" ? 1e3 : 1
}

# The end of a benchmark. Its name goes on with run settings, which are none of ours.
/^ *},? *$/ && name != "" {
    sub(/\/(iterations:|repeats:|min_time:|min_warmup_time:|manual_time|real_time|process_time|threads:).*/, "", name)
    if (!(name in times) && !(name in errors)) names[++count] = name
    if (error == "" && aggregate == "" && (!(name in least) || time < least[name])) least[name] = time
    if (error != "") {
        errors[name] = error
    } else if (!(name in times) || aggregate == "median") {
        times[name] = time
        for (key in counters) counted[name, key] = counters[key]
    }
    name = ""
}
