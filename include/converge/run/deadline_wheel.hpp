// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/deadline_record.hpp>
#include <converge/run/outbox.hpp>
#include <converge/store/concepts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace converge::detail {

/// The deadlines of one partition: those that are due within the next minute or two are in memory, the others
/// in the log. See deadline_record.hpp for how they are kept there.
///
/// The *mark* is the first bucket that may hold a deadline which has still to fire. One that is due before
/// the mark (its step came late, or the clock was ahead) is put into the bucket of the mark.
class deadline_wheel {
public:
    deadline_wheel() = default;
    explicit deadline_wheel(std::string reader)
        : reader_{std::move(reader)}, progress_reader_{reader_ + ".fired"} {}

    std::string_view reader() const noexcept { return reader_; }
    /// The name of the cursor that is a `deadline_progress`.
    std::string_view progress_reader() const noexcept { return progress_reader_; }
    deadline_bucket mark() const noexcept { return mark_; }
    /// Entries in memory.
    std::size_t size() const noexcept { return near_.size(); }
    /// Whether every entry is in the log: else the steps that they are of have to be read again.
    bool is_written() const noexcept { return unwritten_ == 0; }

    /// Forgets everything, and begins again. Without a mark: with the bucket of now if all steps are to be
    /// read, else with the first there can be.
    void begin(deadline_progress const& saved, timestamp now) {
        mark_ = saved.mark == 0 && saved.read == 0
                    ? bucket_of(now)
                    : std::clamp(saved.mark, first_deadline_bucket, last_deadline_bucket);
        loaded_ = mark_;
        page_ = 0;
        next_block_ = block_of(mark_);
        known_.clear();
        near_.clear();
        in_memory_.clear();
        unwritten_ = 0;
    }

    /// Takes deadlines of a step: adds what has to be written to `out`, before anything is loaded again. What
    /// is due already is kept in memory alone.
    template <class Entries> void note(Entries entries, std::string_view home, timestamp now, outbox& out) {
        std::map<deadline_bucket, std::vector<deadline_entry>> by_bucket;
        for (auto& each : entries) {
            if (each.due <= now) {
                ++unwritten_;
                push({std::move(each), 0});
                continue;
            }
            auto const bucket = std::max(bucket_of(each.due), mark_);
            if (bucket < loaded_)
                push({each, bucket});
            by_bucket[bucket].push_back(std::move(each));
        }
        for (auto const& [bucket, together] : by_bucket)
            write(bucket, together, home, out);
    }

    /// Whether there are buckets to be loaded.
    bool is_behind(timestamp now) const noexcept { return loaded_ < load_until(now); }

    /// Loads from the log what is due soon: one page of a bucket, and what there is no stream of it passes
    /// over, 64 blocks at most. Whether there was anything to look for.
    template <event_log Store> bool load(Store& store, std::string_view home, timestamp now) {
        bool busy = false;
        for (std::size_t blocks = 0; is_behind(now) && blocks < 64;) {
            if (near_.size() >= enough_overdue && near_.front().entry.due <= now)
                break; // first these
            busy = true;
            if (block_of(loaded_) >= next_block_) {
                read_block(store, home);
                ++blocks;
            }
            auto const until = std::min(load_until(now), first_of_block(next_block_));
            auto const next = known_.lower_bound(loaded_);
            if (next != known_.end() && *next < until) {
                if (*next != loaded_)
                    page_ = 0;
                loaded_ = *next;
                read_page(store, home);
                break;
            }
            loaded_ = until;
            page_ = 0;
        }
        return busy;
    }

    /// Takes the next deadline that is due out of memory.
    std::optional<deadline_entry> next_due(timestamp now) {
        if (near_.empty() || near_.front().entry.due > now)
            return std::nullopt;
        std::ranges::pop_heap(near_, later);
        auto taken = std::move(near_.back());
        near_.pop_back();
        if (taken.bucket == 0) {
            --unwritten_;
        } else if (auto const found = in_memory_.find(taken.bucket); --found->second == 0) {
            in_memory_.erase(found);
        }
        return std::move(taken.entry);
    }
    /// The same, if it is due at the same time as another one, of the same instance, and of a later step.
    std::optional<deadline_entry> next_like(deadline_entry const& other) {
        if (near_.empty() || near_.front().entry.due != other.due || near_.front().entry.key != other.key)
            return std::nullopt;
        return next_due(other.due);
    }
    /// Puts one back that could not be decided. It is as if it were not in the log.
    void put_back(deadline_entry entry) {
        ++unwritten_;
        push({std::move(entry), 0});
    }

    /// When the next one in memory is due.
    std::optional<timestamp> next() const {
        return near_.empty() ? std::nullopt : std::optional{near_.front().entry.due};
    }

    /// Moves the mark as far as everything before has fired.
    void move_mark(timestamp now) {
        auto reached = std::min({bucket_of(now), loaded_, last_deadline_bucket});
        if (!in_memory_.empty())
            reached = std::min(reached, in_memory_.begin()->first);
        mark_ = std::max(mark_, reached);
        known_.erase(known_.begin(), known_.lower_bound(mark_));
    }

private:
    struct near_entry {
        deadline_entry entry;
        deadline_bucket bucket = 0; // 0: not in the log
    };
    static bool later(near_entry const& one, near_entry const& other) {
        return std::tie(one.entry.due, one.entry.key, one.entry.version) >
               std::tie(other.entry.due, other.entry.key, other.entry.version);
    }
    static constexpr std::size_t enough_overdue = 65'536;
    static constexpr std::size_t page_size = 16;         // records
    static constexpr std::size_t longest_record = 1'024; // entries
    static constexpr deadline_bucket buckets_ahead = 2;  // of now: this one and the next

    deadline_bucket load_until(timestamp now) const noexcept {
        return std::max(bucket_of(now) + buckets_ahead, mark_ + 1);
    }

    void push(near_entry entry) {
        if (entry.bucket != 0)
            ++in_memory_[entry.bucket];
        near_.push_back(std::move(entry));
        std::ranges::push_heap(near_, later);
    }

    void write(
        deadline_bucket bucket, std::span<deadline_entry const> entries, std::string_view home, outbox& out) {
        if (known_.insert(bucket).second)
            out.add(
                home, deadline_block_stream(reader_, block_of(bucket)), expected_version::any(),
                encode_deadline_bucket(reader_, bucket));
        for (; !entries.empty(); entries = entries.subspan(std::min(entries.size(), longest_record)))
            out.add(
                home, deadline_bucket_stream(reader_, bucket), expected_version::any(),
                encode_deadlines(reader_, bucket, entries.first(std::min(entries.size(), longest_record))));
    }

    template <event_log Store> void read_block(Store& store, std::string_view home) {
        auto const block = block_of(loaded_);
        store.read_stream(
            home, deadline_block_stream(reader_, block), 0, ~std::size_t{0}, home,
            [&](event_view const& event) {
                if (event.name != deadline_bucket_event_name)
                    return;
                if (auto const bucket = decode_deadline_bucket(event); bucket >= mark_)
                    known_.insert(bucket);
            });
        next_block_ = block + 1;
    }

    template <event_log Store> void read_page(Store& store, std::string_view home) {
        std::size_t records = 0;
        store.read_stream(
            home, deadline_bucket_stream(reader_, loaded_), page_, page_size, home,
            [&](event_view const& event) {
                ++records;
                page_ = event.version;
                if (event.name == deadlines_event_name)
                    for (auto& each : decode_deadlines(event))
                        push({std::move(each), loaded_});
            });
        if (records < page_size) {
            ++loaded_;
            page_ = 0;
        }
    }

    std::string reader_;
    std::string progress_reader_;
    deadline_bucket mark_ = first_deadline_bucket;
    deadline_bucket loaded_ = first_deadline_bucket; // the first that is not in memory, or not all of it
    stream_version page_ = 0;                        // how much of it is
    std::uint64_t next_block_ = 0;                   // the first block that is not known
    std::set<deadline_bucket> known_;                // have a stream
    std::vector<near_entry> near_;                   // a heap, the next one in front
    std::map<deadline_bucket, std::size_t> in_memory_;
    std::size_t unwritten_ = 0;
};

} // namespace converge::detail
