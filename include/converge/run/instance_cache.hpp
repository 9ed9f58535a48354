// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/instance.hpp>
#include <converge/store/text_map.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <concepts>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace converge::detail {

/// States of instances by key. Those that were used lately stay: what is to go has a second chance when it
/// was used since it was at the end of the queue (F. J. Corbató, "A paging experiment with the Multics
/// system", 1968). So a use changes nothing but the entry itself. Not thread-safe.
template <class Process> class instance_cache {
public:
    explicit instance_cache(std::size_t capacity) : capacity_{capacity} {}

    /// The state; null if it is not here. Complexity: constant.
    instance_state<Process>* find(std::string_view key) {
        auto const found = by_key_.find(key);
        if (found == by_key_.end())
            return nullptr;
        found->second->used = true;
        return &found->second->state;
    }

    instance_state<Process>& add(std::string_view key, instance_state<Process> state) {
        auto& added = entries_.emplace_back(entry{std::string{key}, std::move(state)});
        by_key_.emplace(added.key, std::prev(entries_.end()));
        return added.state;
    }

    void remove(std::string_view key) {
        auto const found = by_key_.find(key);
        if (found == by_key_.end())
            return;
        auto const removed = found->second;
        by_key_.erase(found);
        entries_.erase(removed);
    }

    /// Lets go of the instances whose key is as wanted. Complexity: linear.
    template <std::predicate<std::string_view> Wanted> void remove_if(Wanted const& wanted) {
        for (auto each = entries_.begin(); each != entries_.end();)
            if (wanted(each->key)) {
                by_key_.erase(each->key);
                each = entries_.erase(each);
            } else {
                ++each;
            }
    }

    /// Lets go of what is over the capacity. Only between batches: the states of a batch under way are not
    /// recorded yet. Complexity: constant for each use since, amortised.
    void trim() {
        while (entries_.size() > capacity_)
            if (auto const first = entries_.begin(); first->used) {
                first->used = false;
                entries_.splice(entries_.end(), entries_, first);
            } else {
                by_key_.erase(first->key);
                entries_.pop_front();
            }
    }

    std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        std::string key;
        instance_state<Process> state;
        bool used = false; // since it was added, or moved to the end
    };

    std::size_t capacity_;
    std::list<entry> entries_; // first to go first
    boost::unordered_flat_map<std::string_view, typename std::list<entry>::iterator, text_hash> by_key_;
};

} // namespace converge::detail
