// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/instance.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <concepts>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace converge::detail {

/// States of instances by key, the least recently used first to go. Not thread-safe.
template <class Process> class instance_cache {
public:
    explicit instance_cache(std::size_t capacity) : capacity_{capacity} {}

    /// The state, moved to the end of the queue; null if it is not here. Complexity: constant.
    instance_state<Process>* find(std::string_view key) {
        auto const found = by_key_.find(key);
        if (found == by_key_.end())
            return nullptr;
        entries_.splice(entries_.end(), entries_, found->second);
        return &found->second->second;
    }

    instance_state<Process>& add(std::string_view key, instance_state<Process> state) {
        entries_.emplace_back(std::string{key}, std::move(state));
        by_key_.emplace(entries_.back().first, std::prev(entries_.end()));
        return entries_.back().second;
    }

    void remove(std::string_view key) {
        auto const found = by_key_.find(key);
        if (found == by_key_.end())
            return;
        auto const entry = found->second;
        by_key_.erase(found);
        entries_.erase(entry);
    }

    /// Lets go of the instances whose key is as wanted. Complexity: linear.
    template <std::predicate<std::string_view> Wanted> void remove_if(Wanted const& wanted) {
        for (auto entry = entries_.begin(); entry != entries_.end();)
            if (wanted(entry->first)) {
                by_key_.erase(entry->first);
                entry = entries_.erase(entry);
            } else {
                ++entry;
            }
    }

    /// Lets go of what is over the capacity. Only between batches: the states of a batch under way are not
    /// recorded yet.
    void trim() {
        while (entries_.size() > capacity_) {
            by_key_.erase(entries_.front().first);
            entries_.pop_front();
        }
    }

    std::size_t size() const noexcept { return entries_.size(); }

private:
    using entry_list = std::list<std::pair<std::string, instance_state<Process>>>;
    std::size_t capacity_;
    entry_list entries_;
    boost::unordered_flat_map<std::string_view, typename entry_list::iterator> by_key_;
};

} // namespace converge::detail
