// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/memory/batch.hpp>
#include <converge/store/memory/log.hpp>
#include <converge/store/memory/records.hpp>
#include <converge/store/text_map.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::testing {

/// One module's log on the simulated disk. Its positions have gaps.
struct simulated_log {
    converge::detail::memory_log events; ///< numbered from 1, without gaps
    std::vector<position> positions;     ///< of each event, strictly increasing

    event_view view(std::size_t index) const {
        auto seen = events.view(index + 1);
        seen.position = positions[index];
        return seen;
    }
    bool sees(std::size_t index, bool internal) const { return internal || !events.at(index + 1).internal; }
    position head() const noexcept { return positions.empty() ? 0 : positions.back(); }
    /// The place of the first event after a position.
    std::size_t place_after(position after) const {
        return static_cast<std::size_t>(
            std::upper_bound(positions.begin(), positions.end(), after) - positions.begin());
    }
    void shrink_to(std::size_t count) {
        events.shrink_to(count);
        positions.resize(count);
    }
};

/// What the stores of a simulation share, and what outlives every crash: the logs, the cursors and
/// the records. It keeps
/// the store contract (`event_log`, `cursor_store`, `atomic_batch_log`); what goes wrong is added by
/// `simulated_store`. Not thread-safe, no locks.
class simulated_disk {
public:
    /// How many positions are left out before the next event.
    position gap = 0;
    /// When the next event is recorded.
    timestamp now{};
    converge::detail::memory_records records;

    append_result append(append_request const& request) {
        auto& log = find_or_add(request.module);
        auto const before = log.positions.size();
        try {
            return write(log, request, 0);
        } catch (...) {
            log.shrink_to(before);
            throw;
        }
    }

    /// Throws `store_error` (`lease_lost`).
    batch_result commit(batch const& together) {
        records.require(together.fences);
        std::vector<std::pair<simulated_log*, std::size_t>> undo;
        std::vector<appended> done;
        auto const take_back = [&] {
            for (auto each = undo.rbegin(); each != undo.rend(); ++each)
                each->first->shrink_to(each->second);
        };
        try {
            for (auto const& request : together.appends) {
                auto& log = find_or_add(request.module);
                undo.emplace_back(&log, log.positions.size());
                auto const written = write(log, request, done.size());
                if (!written) {
                    take_back();
                    return written.error();
                }
                done.push_back(*written);
            }
        } catch (...) {
            take_back();
            throw;
        }
        for (auto const& each : together.cursors)
            save_cursor(each);
        return done;
    }

    /// Reads as `event_log` says, but of the log as it was when it had `known` events.
    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer, Visitor&& visit,
        std::size_t known = std::numeric_limits<std::size_t>::max()) const {
        auto const* const log = find(module);
        if (log == nullptr)
            return after;
        auto const end = std::min(known, log->positions.size());
        for (auto at = log->place_after(after); at < end && limit > 0; ++at) {
            after = log->positions[at];
            if (!log->sees(at, viewer == module))
                continue;
            visit(log->view(at));
            --limit;
        }
        return after;
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        auto const* const log = find(module);
        auto const* const found = log == nullptr ? nullptr : log->events.find(stream);
        if (found == nullptr)
            return;
        for (auto const number : log->events.positions_of_stream(found->last_written, after)) {
            auto const at = static_cast<std::size_t>(number) - 1;
            if (limit == 0)
                return;
            if (!log->sees(at, viewer == module))
                continue;
            visit(log->view(at));
            --limit;
        }
    }

    /// The stream's last event, as it was `back` events ago.
    std::optional<recorded_event> last_of_stream(
        std::string_view module, std::string_view stream, std::string_view viewer,
        std::size_t back = 0) const {
        auto const* const log = find(module);
        auto const* const found = log == nullptr ? nullptr : log->events.find(stream);
        if (found == nullptr)
            return std::nullopt;
        auto last = found->last_written;
        for (; last != 0 && back > 0; --back)
            last = log->events.at(last).previous;
        last = last == 0 ? 0 : log->events.last_seen(last, viewer == module);
        if (last == 0)
            return std::nullopt;
        return recorded_event{log->view(static_cast<std::size_t>(last) - 1)};
    }

    position head(std::string_view module) const {
        auto const* const log = find(module);
        return log == nullptr ? 0 : log->head();
    }

    /// Every value that a cursor has had, the newest last; empty when it was never saved.
    std::span<position const> cursor_values(std::string_view reader, std::string_view module) const {
        auto const found = cursors_.find(cursor_name(reader, module));
        return found == cursors_.end() ? std::span<position const>{} : found->second;
    }
    position cursor_value(std::string_view reader, std::string_view module) const {
        auto const values = cursor_values(reader, module);
        return values.empty() ? 0 : values.back();
    }
    void save_cursor(cursor const& moved) {
        cursors_[cursor_name(moved.reader, moved.module)].push_back(moved.position);
    }

    simulated_log const* find(std::string_view module) const {
        auto const found = logs_.find(module);
        return found == logs_.end() ? nullptr : found->second.get();
    }
    simulated_log& find_or_add(std::string_view module) {
        auto const found = logs_.find(module);
        if (found != logs_.end())
            return *found->second;
        return *logs_.emplace(std::string{module}, std::make_unique<simulated_log>()).first->second;
    }

private:
    static std::string cursor_name(std::string_view reader, std::string_view module) {
        std::string name{reader};
        name += '\0'; // no name has one
        name += module;
        return name;
    }

    append_result write(simulated_log& log, append_request const& request, std::size_t number) {
        if (auto const first = log.events.position_of(request.events.front().id); first != 0) {
            auto const last = std::max(first, log.events.position_of(request.events.back().id));
            return appended{
                log.positions[first - 1], log.positions[last - 1], log.events.at(last).version, true};
        }
        auto& stream = log.events.find_or_add(request.stream);
        if (!request.expected.admits(stream.version_written))
            return wrong_version{number, stream.version_written};
        position first = 0;
        converge::detail::memory_batch copied{{&request, 1}};
        texts_.push_back(std::move(copied.bytes));
        for (std::size_t at = 0; at < copied.events.size(); ++at) {
            if (!log.events.write(copied.events[at], stream, now))
                converge::detail::refuse_repeat(request, request.events[at]);
            log.positions.push_back(log.head() + 1 + std::exchange(gap, 0));
            first = first == 0 ? log.head() : first;
        }
        return appended{first, log.head(), stream.version_written, false};
    }

    converge::detail::text_map<std::unique_ptr<simulated_log>> logs_;
    std::vector<std::unique_ptr<char[]>> texts_; // NOLINT(*-avoid-c-arrays): of the events, for ever
    converge::detail::text_map<std::vector<position>> cursors_; // by reader, NUL, module
};

} // namespace converge::testing
