// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <boost/uuid/uuid_hash.hpp>

#include <cstddef>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <store/workload.hpp>
#include <string>

/// The floor in memory: the events in a deque, a set of their ids, a map from a stream to its last event,
/// under one lock. It compares no versions, and does not look whether an id was there.
class memory_floor {
public:
    void append(rows const& batch) {
        std::scoped_lock const lock{guard_};
        for (std::size_t at = 0; at < batch.size(); ++at) {
            events_.push_back({batch.events()[at], batch.streams()[at], 1});
            ids_.insert(batch.events()[at].id);
            last_.insert_or_assign(batch.streams()[at], events_.size() - 1);
        }
    }

    template <class Visit> void read(Visit visit) const {
        for (std::size_t at = 0; at < events_.size();) {
            std::shared_lock const lock{guard_};
            for (auto const end = std::min(events_.size(), at + page_of_a_read); at < end; ++at)
                visit(events_[at].event.payload);
        }
    }

    std::string last_of_stream(std::string const& stream) const {
        std::shared_lock const lock{guard_};
        return converge::new_event{events_[last_.at(stream)].event}.payload;
    }

private:
    struct row {
        converge::new_event event;
        std::string stream;
        converge::stream_version version = 0;
    };
    mutable std::shared_mutex guard_;
    std::deque<row> events_;
    boost::unordered_flat_set<converge::event_id, boost::hash<converge::event_id>> ids_;
    boost::unordered_flat_map<std::string, std::size_t> last_;
};
