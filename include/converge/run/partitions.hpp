// SPDX-License-Identifier: MIT
#pragma once

#include <converge/dispatch/wire_name_index.hpp>
#include <converge/store/concepts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

/// The partition of an instance. The instances of a process manager are split by a hash of their keys, the
/// same with every compiler, so that several workers can share them.
constexpr std::uint32_t partition_of(std::string_view key, std::uint32_t partitions) noexcept {
    return partitions == 1 ? 0 : static_cast<std::uint32_t>(detail::hash_name(key) % partitions);
}

namespace detail {

/// Which partitions of the instances a worker has.
class share {
public:
    explicit share(std::uint32_t partitions) : held_(partitions, false) {}

    std::uint32_t partitions() const noexcept { return static_cast<std::uint32_t>(held_.size()); }
    std::uint32_t partition_of(std::string_view key) const noexcept {
        return converge::partition_of(key, partitions());
    }
    bool holds(std::uint32_t partition) const noexcept { return held_[partition]; }
    bool empty() const noexcept { return std::ranges::find(held_, true) == held_.end(); }

    void take(std::uint32_t partition) { held_[partition] = true; }
    void give_up(std::uint32_t partition) { held_[partition] = false; }

private:
    std::vector<bool> held_;
};

/// The name of a reader's cursors for one partition: the reader's own, unless there are several.
inline std::string
partition_reader(std::string const& reader, std::uint32_t partition, std::uint32_t partitions) {
    return partitions == 1 ? reader
                           : reader + "#" + std::to_string(partition) + "/" + std::to_string(partitions);
}

/// How far one reader has come in one module, in each of the partitions that it has. One read of the log
/// serves all of them: it begins where the slowest stands, and the others pass over what they know.
class partition_cursors {
public:
    /// `reader` is the name of the cursors; each partition has one, unless there is one partition only.
    partition_cursors(std::string const& reader, std::string_view module, std::uint32_t partitions)
        : module_{module} {
        for (std::uint32_t partition = 0; partition < partitions; ++partition)
            entries_.push_back({partition_reader(reader, partition, partitions), 0, 0, false});
    }

    template <cursor_store Store> void take(Store& store, std::uint32_t partition) {
        auto& mine = entries_[partition];
        mine.reached = mine.saved = store.load_cursor(mine.reader, module_);
        mine.held = true;
    }
    void give_up(std::uint32_t partition) { entries_[partition].held = false; }

    std::string_view module() const noexcept { return module_; }

    /// Where the next read begins. Of no partition: the greatest position there is, so that nothing is read.
    position from() const noexcept {
        auto least = std::numeric_limits<position>::max();
        for (auto const& each : entries_)
            if (each.held)
                least = std::min(least, each.reached);
        return least;
    }

    position reached(std::uint32_t partition) const noexcept { return entries_[partition].reached; }

    /// Whether the event at a position is a new one for a partition.
    bool awaits(std::uint32_t partition, position at) const noexcept {
        return entries_[partition].held && entries_[partition].reached < at;
    }

    /// Every partition has come to `through` at least.
    void advance(position through) noexcept {
        for (auto& each : entries_)
            if (each.held)
                each.reached = std::max(each.reached, through);
    }
    /// One partition has come to `to`, which may lie before where it was.
    void set(std::uint32_t partition, position to) noexcept { entries_[partition].reached = to; }

    /// The cursors that are not saved as they are. The views live as long as this object.
    void add_unsaved(std::vector<cursor>& out) const {
        for (auto const& each : entries_)
            if (each.held && each.reached != each.saved)
                out.push_back({each.reader, module_, each.reached});
    }
    /// What `add_unsaved` gave, as it would be after `advance(through)`.
    void add_unsaved_through(position through, std::vector<cursor>& out) const {
        for (auto const& each : entries_)
            if (each.held && std::max(each.reached, through) != each.saved)
                out.push_back({each.reader, module_, std::max(each.reached, through)});
    }
    void note_saved() noexcept {
        for (auto& each : entries_)
            if (each.held)
                each.saved = each.reached;
    }

private:
    struct entry {
        std::string reader;
        position reached = 0;
        position saved = 0;
        bool held = false;
    };
    std::string_view module_;
    std::vector<entry> entries_;
};

} // namespace detail

} // namespace converge
