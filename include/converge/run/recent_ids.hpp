// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <boost/uuid/uuid_hash.hpp>

#include <cstddef>
#include <unordered_set>
#include <utility>

namespace converge::detail {

/// Remembers ids, the most recent ones at least.
class recent_ids {
public:
    /// The last `capacity` ids are remembered, and up to as many before.
    explicit recent_ids(std::size_t capacity) : capacity_{capacity} {}

    /// False: it is remembered.
    bool insert(event_id const& id) {
        if (older_.contains(id) || !newer_.insert(id).second)
            return false;
        if (newer_.size() == capacity_)
            older_ = std::exchange(newer_, {});
        return true;
    }
    void clear() {
        newer_.clear();
        older_.clear();
    }

private:
    std::size_t capacity_;
    std::unordered_set<event_id, boost::hash<event_id>> newer_;
    std::unordered_set<event_id, boost::hash<event_id>> older_;
};

} // namespace converge::detail
