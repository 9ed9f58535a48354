// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/command_origin.hpp>
#include <converge/run/parking.hpp>
#include <converge/run/partitions.hpp>
#include <converge/run/step_record.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// Which commands of which instances are parked.
class parked_commands {
public:
    /// Those of a partition, as the log has them. Complexity: linear in the number of items ever parked, and
    /// a read for each command that is.
    template <class Process, event_log Store>
    void load(Store& store, share const& partitions, std::uint32_t partition) {
        constexpr std::string_view home = home_of<Process>::module_name;
        auto const prefix = step_stream<Process>("");
        for (auto const& item : parked_items<Process>(store)) {
            if (item.kind != "command" || item.position == 0)
                continue;
            store.read(home, item.position - 1, 1, home, [&](event_view const& event) {
                if (event.position != item.position || !event.stream.starts_with(prefix))
                    return;
                auto const key = event.stream.substr(prefix.size());
                if (partitions.partition_of(key) == partition)
                    add(key, {item.position, item.index});
            });
        }
    }
    void drop(share const& partitions, std::uint32_t partition) {
        std::erase_if(
            places_, [&](auto const& each) { return partitions.partition_of(each.first) == partition; });
    }

    void add(std::string_view key, command_place place) {
        auto& places = places_[std::string{key}];
        auto const at = std::ranges::lower_bound(places, place);
        if (at == places.end() || *at != place)
            places.insert(at, place);
    }
    void remove(std::string_view key, command_place place) {
        auto const found = places_.find(key);
        if (found == places_.end())
            return;
        std::erase(found->second, place);
        if (found->second.empty())
            places_.erase(found);
    }

    bool contains(std::string_view key, command_place place) const {
        auto const found = places_.find(key);
        return found != places_.end() && std::ranges::binary_search(found->second, place);
    }
    /// Those that come before a command of the instance.
    std::vector<command_place> before(std::string_view key, command_place place) const {
        auto const found = places_.find(key);
        if (found == places_.end())
            return {};
        return {found->second.begin(), std::ranges::lower_bound(found->second, place)};
    }

private:
    std::map<std::string, std::vector<command_place>, std::less<>> places_; // by key
};

} // namespace converge::detail
