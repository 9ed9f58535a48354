// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

/// A machine that converges, of any size. Its states are the points of a grid; each event carries a point,
/// and takes a state to the join of both: the larger number in each dimension. Joins commute and are
/// idempotent, so that every check has to look at everything. With `adds` an event adds its point, up to the
/// grid's edge: that commutes too, and two events are enough to reach a grid of any size.
class lattice {
public:
    using point = std::vector<std::size_t>;

    lattice(point extents, std::size_t events, bool adds = false)
        : extents_{std::move(extents)}, adds_{adds} {
        for (std::size_t dimension = 0; dimension < extents_.size(); ++dimension)
            for (std::size_t to = 1; to < extents_[dimension] && (to == 1 || !adds_); ++to) {
                point unit(extents_.size(), 0);
                unit[dimension] = to;
                events_.push_back(unit);
            }
        if (events_.size() > events)
            throw std::invalid_argument{"too few events to reach every state of the grid"};
        for (std::size_t more = 0; events_.size() < events; ++more) {
            point joint;
            for (auto const extent : extents_)
                joint.push_back(1 + more % (extent - 1));
            events_.push_back(joint);
        }
    }

    std::size_t states() const {
        return std::accumulate(extents_.begin(), extents_.end(), std::size_t{1}, std::multiplies{});
    }
    std::size_t events() const { return events_.size(); }
    bool counts() const { return adds_; }

    /// How many entries a table needs: one for each pair of state and event that changes the state, and one
    /// for each state that some event does not change.
    std::size_t entries() const {
        std::size_t made = 0;
        for (std::size_t state = 0; state < states(); ++state) {
            bool stays = false;
            for (std::size_t event = 0; event < events(); ++event)
                if (after(state, event) == state)
                    stays = true;
                else
                    ++made;
            made += stays ? 1 : 0;
        }
        return made;
    }

    /// The state after the event. State 0 is the initial one.
    std::size_t after(std::size_t state, std::size_t event) const {
        std::size_t next = 0;
        std::size_t place = 1;
        for (std::size_t dimension = 0; dimension < extents_.size(); ++dimension) {
            auto const extent = extents_[dimension];
            auto const here = state / place % extent;
            auto const by = events_[event][dimension];
            next += place * (adds_ ? std::min(here + by, extent - 1) : std::max(here, by));
            place *= extent;
        }
        return next;
    }

private:
    point extents_;
    std::vector<point> events_;
    bool adds_;
};
