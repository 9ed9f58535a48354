// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/lease_record.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// A worker among all those of its name that there ever were.
struct worker_identity {
    std::string name;
    record_revision joined = 0;

    bool operator==(worker_identity const&) const = default;
};

/// What one worker has seen of the others: who gives signs of life, and whose leases have passed.
///
/// No clock is compared with another machine's. A worker is present as long as its record changes: when this
/// observer has seen the same revision for as long as the lease lasts, by its own clock, the lease has
/// passed, for the sign was given before it was first seen. An observer that has just begun knows nobody, and
/// waits as long as everybody does.
///
/// Source: Burrows, "The Chubby lock service for loosely-coupled distributed systems" (OSDI 2006), for leases
/// with sequence numbers that guard the writes; the lock client of Amazon DynamoDB, for the observer's clock.
class lease_watch {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit lease_watch(std::uint32_t partitions) : leases_(partitions) {}

    /// The records of all workers, as they were at a time. Throws `store_error` (`corrupt`).
    void see_workers(std::vector<record> const& found, std::string_view prefix, time_point now) {
        std::map<std::string, seen_worker, std::less<>> seen;
        for (auto const& each : found) {
            auto const name = std::string_view{each.name}.substr(prefix.size());
            if (name.find('/') != std::string_view::npos)
                continue; // of a process whose name begins with this one's and a '/'
            auto const said = decode_record<presence>(each);
            seen_worker made{
                each.revision, said.joined == 0 ? each.revision : said.joined,
                std::chrono::milliseconds{said.lease_milliseconds}, now, true};
            if (auto const known = workers_.find(name);
                known != workers_.end() && known->second.revision == each.revision) {
                made.at = known->second.at;
                made.gave_a_sign = false;
            }
            seen.emplace(name, made);
        }
        workers_ = std::move(seen);
    }

    /// The records of all leases, which were read after those of the workers. Throws `store_error`
    /// (`corrupt`).
    void see_leases(std::vector<record> const& found, std::string_view prefix, time_point now) {
        std::vector<record const*> by_partition(leases_.size());
        for (auto const& each : found)
            if (auto const partition = partition_in(std::string_view{each.name}.substr(prefix.size())))
                by_partition[*partition] = &each;
        for (std::size_t each = 0; each < leases_.size(); ++each) {
            auto& mine = leases_[each];
            if (by_partition[each] == nullptr) {
                mine = {};
            } else if (by_partition[each]->revision != mine.revision) {
                auto said = decode_record<lease>(*by_partition[each]);
                mine = {
                    by_partition[each]->revision,
                    {std::move(said.worker), said.joined},
                    std::chrono::milliseconds{said.lease_milliseconds},
                    now};
            } else if (auto const holder = workers_.find(mine.holder.name);
                       holder != workers_.end() && holder->second.joined == mine.holder.joined &&
                       holder->second.gave_a_sign) {
                mine.at = now;
            }
        }
    }

    /// The workers that are present, in the order in which they joined.
    std::vector<worker_identity> present(time_point now) const {
        std::vector<worker_identity> all;
        for (auto const& [name, each] : workers_)
            if (!has_passed(each.at, each.lasts, now))
                all.push_back({name, each.joined});
        std::ranges::sort(all, {}, &worker_identity::joined);
        return all;
    }

    /// The workers whose time has passed, and the revisions of their records.
    std::vector<std::pair<std::string, record_revision>> absent(time_point now) const {
        std::vector<std::pair<std::string, record_revision>> all;
        for (auto const& [name, each] : workers_)
            if (has_passed(each.at, each.lasts, now))
                all.emplace_back(name, each.revision);
        return all;
    }

    /// The revision of the record of a partition's lease; 0: there is none.
    record_revision revision_of(std::uint32_t partition) const noexcept {
        return leases_[partition].revision;
    }
    /// Who has the partition; no name: nobody.
    worker_identity const& holder_of(std::uint32_t partition) const noexcept {
        return leases_[partition].holder;
    }
    /// Whether nobody has the partition, or the lease of who has it has passed.
    bool is_free(std::uint32_t partition, time_point now) const noexcept {
        auto const& mine = leases_[partition];
        return mine.holder.name.empty() || has_passed(mine.at, mine.lasts, now);
    }

private:
    struct seen_worker {
        record_revision revision = 0;
        record_revision joined = 0;
        std::chrono::milliseconds lasts{};
        time_point at; // when this revision was first seen
        bool gave_a_sign = false;
    };
    struct seen_lease {
        record_revision revision = 0;
        worker_identity holder;
        std::chrono::milliseconds lasts{};
        time_point at; // when its holder was last seen to be alive
    };

    static bool has_passed(time_point at, std::chrono::milliseconds lasts, time_point now) noexcept {
        return now - at >= lasts;
    }
    std::optional<std::uint32_t> partition_in(std::string_view digits) const {
        std::uint32_t number = 0;
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc{} || end != digits.data() + digits.size() || number >= leases_.size())
            return std::nullopt; // of another process, as above
        return number;
    }

    std::map<std::string, seen_worker, std::less<>> workers_;
    std::vector<seen_lease> leases_;
};

} // namespace converge::detail
