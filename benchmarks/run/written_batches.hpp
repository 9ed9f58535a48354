// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/memory.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

/// What a runner wrote in one transaction.
struct written_batch {
    struct step {
        std::int64_t stream = 0; ///< its number, from 1 on
        std::string stream_name;
        std::int64_t version = 0;
        converge::new_event event;
        bool last_of_its_stream = true; ///< in this batch
    };
    struct saved_cursor {
        std::string reader;
        std::string module;
        std::int64_t position = 0;
    };
    std::vector<step> steps;
    std::vector<saved_cursor> cursors;
};

/// A memory store that keeps what is written, batch by batch, for floors to write again.
class recording_store : public converge::memory_store {
public:
    using memory_store::memory_store;
    explicit recording_store(memory_store const& shared) : memory_store{shared} {}

    converge::batch_result commit(converge::batch const& together) {
        auto& kept = batches_.emplace_back();
        std::unordered_map<std::int64_t, std::size_t> last;
        for (auto const& request : together.appends) {
            auto const number =
                streams_.emplace(std::string{request.stream}, static_cast<std::int64_t>(streams_.size()) + 1)
                    .first->second;
            for (auto const& event : request.events) {
                if (auto const [before, first] = last.emplace(number, kept.steps.size()); !first) {
                    kept.steps[before->second].last_of_its_stream = false;
                    before->second = kept.steps.size();
                }
                kept.steps.push_back({number, std::string{request.stream}, ++versions_[number], event});
            }
        }
        for (auto const& each : together.cursors)
            kept.cursors.push_back(
                {std::string{each.reader}, std::string{each.module},
                 static_cast<std::int64_t>(each.position)});
        return memory_store::commit(together);
    }

    std::vector<written_batch> const& batches() const noexcept { return batches_; }

private:
    std::vector<written_batch> batches_;
    std::unordered_map<std::string, std::int64_t> streams_;
    std::unordered_map<std::int64_t, std::int64_t> versions_;
};
