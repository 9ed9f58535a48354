// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_parts.hpp>
#include <converge/run/instance.hpp>
#include <converge/run/instance_cache.hpp>
#include <converge/run/read_step.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/batch_lookup_log.hpp>
#include <converge/store/concepts.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace converge::detail {

// What is looked up may have changed before it is used: another worker may have appended a step. So it is
// with everything that the cache holds, and so nothing rests on it but a guess. A step is appended at the
// version that was looked up, where an instance that was not there has version 0; if there is another step by
// then, the append is refused, the guess is dropped with all others of the batch, and the instance is looked
// up again.

/// An instance after its last step, or as it is before the first one.
template <class Process> instance_state<Process> state_after(std::optional<recorded_event> const& last) {
    return last ? read_step<Process>(*last) : instance_state<Process>{};
}

/// The instance, from the store where it is not in the cache.
template <class Process, event_log Store>
instance_state<Process>& find_or_look_up(Store& store, std::string_view key, instance_cache<Process>& cache) {
    constexpr std::string_view home = home_of<Process>::module_name;
    if (auto* found = cache.find(key))
        return *found;
    return cache.add(key, state_after<Process>(store.last_of_stream(home, step_stream<Process>(key), home)));
}

/// Brings the instances of a batch into the cache by one call, where the store can do that.
template <class Process, event_log Store, class Arrival>
void look_up_together(
    [[maybe_unused]] Store& store, [[maybe_unused]] std::vector<Arrival> const& arrivals,
    [[maybe_unused]] instance_cache<Process>& cache) {
    if constexpr (batch_lookup_log<Store>) {
        constexpr std::string_view home = home_of<Process>::module_name;
        std::vector<std::string_view> keys;
        for (auto const& each : arrivals)
            if (cache.find(each.key) == nullptr)
                keys.push_back(each.key);
        std::ranges::sort(keys);
        keys.erase(std::unique(keys.begin(), keys.end()), keys.end()); // clang 14 lacks std::ranges::subrange
        if (keys.empty())
            return;
        std::vector<std::string> names;
        names.reserve(keys.size());
        for (auto const& key : keys)
            names.push_back(step_stream<Process>(key));
        auto const found = last_of_each(store, home, names, home);
        for (std::size_t at = 0; at < found.size(); ++at)
            cache.add(keys[at], state_after<Process>(found[at]));
    }
}

} // namespace converge::detail
