// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/write_fenced.hpp>
#include <converge/store/concepts.hpp>
#include <converge/store/pipelined_log.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// Appends that are collected and written together, with the cursors that depend on them.
class outbox {
public:
    struct entry {
        std::string_view module; // of a type: lives as long as the program
        std::string stream;
        expected_version expected = expected_version::any();
        new_event event;
        std::uint32_t partition = 0;
    };

    void
    add(std::string_view module, std::string stream, expected_version expected, new_event event,
        std::uint32_t partition = 0) {
        place() = {module, std::move(stream), expected, std::move(event), partition};
    }
    /// Adds one that is to be filled in. What it holds is of an earlier one: assigned to, its texts need no
    /// new memory. Valid until another is added.
    entry& place() {
        if (size_ == entries_.size())
            entries_.emplace_back();
        auto& added = entries_[size_++];
        if (added.event.payload.capacity() > longest_kept)
            added.event.payload = {};
        return added;
    }
    std::size_t size() const noexcept { return size_; }
    std::string_view stream(std::size_t at) const { return entries_[at].stream; }
    void clear() noexcept { size_ = 0; }
    /// Forgets what was added for a partition.
    void drop(std::uint32_t partition) {
        std::size_t kept = 0;
        for (std::size_t each = 0; each < size_; ++each)
            if (entries_[each].partition != partition)
                std::swap(entries_[kept++], entries_[each]);
        size_ = kept;
    }

    /// Writes everything. On a store without batches the appends go one by one, or wait together where it can
    /// do that, and the cursors last, which is as safe: a crash between them repeats appends whose ids are
    /// known. Returns what was done, or the first request whose version was wrong; then others may have been
    /// written, but none to its stream after it. The fences hold where the store can check them.
    template <event_log Store>
        requires cursor_store<Store>
    batch_result write(
        Store& store, std::span<cursor const> cursors,
        [[maybe_unused]] std::span<fence const> fences = {}) const {
        std::vector<append_request> requests;
        requests.reserve(size_);
        for (auto const& each : std::span{entries_}.first(size_))
            requests.push_back({each.module, each.stream, each.expected, {&each.event, 1}});
        if constexpr (fenced_log<Store>) {
            return store.commit({requests, cursors, fences});
        } else if constexpr (atomic_batch_log<Store>) {
            return store.commit({requests, cursors});
        } else if constexpr (pipelined_log<Store>) {
            std::vector<appended> done;
            done.reserve(requests.size());
            for (auto const& written : store.append_each(requests)) {
                if (!written)
                    return written.error();
                done.push_back(*written);
            }
            store.save_cursors(cursors);
            return done;
        } else {
            std::vector<appended> done;
            done.reserve(requests.size());
            for (auto const& request : requests) {
                auto const written = store.append(request);
                if (!written)
                    return wrong_version{done.size(), written.error().actual};
                done.push_back(*written);
            }
            store.save_cursors(cursors);
            return done;
        }
    }

private:
    static constexpr std::size_t longest_kept = 4096;

    std::vector<entry> entries_; // the first `size_` are to be written; the others keep their memory
    std::size_t size_ = 0;
};

} // namespace converge::detail
