// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/memory/state.hpp>
#include <converge/store/validation.hpp>

#include <boost/uuid/uuid_io.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

/// A store in memory, for tests and simulation. Nothing outlives it, so "durable" means as long as a copy of
/// the object exists: copies share their events.
///
/// Thread-safe: writers exclude each other and readers, readers run together. Visitors run without a lock,
/// and may write to the store.
class memory_store {
public:
    memory_store() = default;
    /// Takes the times of events from `clock`, a function that gives a `timestamp`, instead of the system's
    /// clock. It is called under the lock.
    explicit memory_store(std::function<timestamp()> clock) { state_->clock = std::move(clock); }

    /// Complexity: constant for each event, amortised.
    append_result append(append_request const& request) {
        require_valid(request);
        std::vector<new_event> copies{
            request.events.begin(), request.events.end()}; // others need not wait for it
        std::scoped_lock const lock{state_->guard};
        auto& log = state_->find_or_add(request.module);
        auto const before = log.events.size();
        try {
            return write(log, request, 0, copies, state_->clock());
        } catch (...) {
            log.shrink_to(before);
            throw;
        }
    }

    batch_result commit(batch const& together) {
        require_valid(together);
        std::vector<new_event> copies; // others need not wait for it
        for (auto const& request : together.appends)
            copies.insert(copies.end(), request.events.begin(), request.events.end());
        std::span<new_event> left{copies};
        std::scoped_lock const lock{state_->guard};
        state_->records.require(together.fences);
        auto const cursors = places_of(together.cursors);
        undo_list undo;
        undo.reserve(together.appends.size());
        std::vector<appended> done;
        done.reserve(together.appends.size());
        auto const now = state_->clock();
        try {
            for (auto const& request : together.appends) {
                auto& log = state_->find_or_add(request.module);
                undo.emplace_back(&log, log.events.size());
                auto const of_request = left.first(request.events.size());
                left = left.subspan(request.events.size());
                auto const written = write(log, request, done.size(), of_request, now);
                if (!written) {
                    take_back(undo);
                    return written.error();
                }
                done.push_back(*written);
            }
        } catch (...) {
            take_back(undo);
            throw;
        }
        set(cursors, together.cursors);
        return done;
    }

    /// Complexity: linear in the number of events passed, whether the viewer sees them or not.
    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        detail::memory_page page;
        do {
            page.begin(limit);
            std::shared_lock lock{state_->guard};
            auto const* const log = state_->find(module);
            if (log != nullptr && after < log->events.size())
                for (auto next = log->events.begin() + static_cast<std::ptrdiff_t>(after);
                     next != log->events.end() && !page.is_full(); ++next)
                    page.add(*next, ++after, viewer == module);
            lock.unlock();
            limit -= page.visit(visit);
        } while (page.is_full() && limit > 0);
        return after;
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        detail::memory_page page;
        do {
            page.begin(limit);
            std::shared_lock lock{state_->guard};
            auto const* const log = state_->find(module);
            auto const* const found = log == nullptr ? nullptr : log->find(stream);
            for (; found != nullptr && after < found->positions.size() && !page.is_full(); ++after) {
                auto const at = found->positions[static_cast<std::size_t>(after)];
                page.add(log->at(at), at, viewer == module);
            }
            lock.unlock();
            limit -= page.visit(visit);
        } while (page.is_full() && limit > 0);
    }

    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
        std::shared_lock const lock{state_->guard};
        auto const* const log = state_->find(module);
        auto const* const found = log == nullptr ? nullptr : log->find(stream);
        if (found == nullptr)
            return std::nullopt;
        for (auto version = found->positions.size(); version-- > 0;) {
            auto const at = found->positions[version];
            if (auto const& each = log->at(at); !each.event.internal || viewer == module)
                return recorded_event{each.view(at)};
        }
        return std::nullopt;
    }

    position head(std::string_view module) const {
        std::shared_lock const lock{state_->guard};
        auto const* const log = state_->find(module);
        return log == nullptr ? 0 : log->events.size();
    }

    position load_cursor(std::string_view reader, std::string_view module) const {
        std::shared_lock const lock{state_->guard};
        auto const found = state_->cursors.find(cursor_name(reader, module));
        return found == state_->cursors.end() ? 0 : found->second;
    }

    void save_cursors(std::span<cursor const> cursors, std::span<fence const> fences = {}) {
        for (auto const& each : cursors)
            require_valid(each);
        for (auto const& each : fences)
            require_valid(each);
        std::scoped_lock const lock{state_->guard};
        state_->records.require(fences);
        set(places_of(cursors), cursors);
    }

    /// Complexity of the four: logarithmic in the number of records, and linear in what is found.
    std::optional<record> find_record(std::string_view name) const {
        detail::require_record(name);
        std::shared_lock const lock{state_->guard};
        return state_->records.find(name);
    }

    std::vector<record> find_records(std::string_view prefix) const {
        detail::require_record_prefix(prefix);
        std::shared_lock const lock{state_->guard};
        return state_->records.find_all(prefix);
    }

    std::optional<record_revision>
    write_record(std::string_view name, record_revision expected, std::string_view value) {
        detail::require_record(name, value);
        std::scoped_lock const lock{state_->guard};
        return state_->records.write(name, expected, value);
    }

    bool remove_record(std::string_view name, record_revision expected) {
        detail::require_record(name);
        std::scoped_lock const lock{state_->guard};
        return state_->records.remove(name, expected);
    }

    /// The right to run a process manager on this state, until the object it returns is destroyed. Throws
    /// `store_error`: `in_use` when it is held already, `invalid_argument` when the name is not allowed.
    detail::memory_runner_lock lock_runner(std::string_view process) {
        detail::require_process(process);
        std::scoped_lock const lock{state_->guard};
        std::string name{process};
        if (!state_->running.insert(name).second)
            throw store_error{
                store_trouble::in_use, "another runner of process manager " + detail::shown(process) +
                                           " is at work on this memory store"};
        return {state_, std::move(name)};
    }

private:
    using undo_list = std::vector<std::pair<detail::memory_module*, std::size_t>>;

    static std::string cursor_name(std::string_view reader, std::string_view module) {
        std::string name{reader};
        name += '\0'; // no name has one
        name += module;
        return name;
    }

    /// Makes room for the cursors, so that setting them later cannot fail.
    std::vector<std::string> places_of(std::span<cursor const> cursors) {
        std::vector<std::string> names;
        names.reserve(cursors.size());
        for (auto const& each : cursors) {
            names.push_back(cursor_name(each.reader, each.module));
            state_->cursors.emplace(names.back(), 0);
        }
        return names;
    }

    void set(std::vector<std::string> const& names, std::span<cursor const> cursors) noexcept {
        for (std::size_t each = 0; each < names.size(); ++each)
            state_->cursors.find(names[each])->second = cursors[each].position;
    }

    static void take_back(undo_list const& undo) {
        for (auto each = undo.rbegin(); each != undo.rend(); ++each)
            each->first->shrink_to(each->second);
    }

    static append_result write(
        detail::memory_module& log, append_request const& request, std::size_t request_number,
        std::span<new_event> copies, timestamp now) {
        if (auto const first = log.position_of(request.events.front().id); first != 0)
            return repeated(log, request, first);
        auto* stream = log.find(request.stream);
        auto const version = stream == nullptr ? 0 : stream->positions.size();
        if (!request.expected.admits(version)) {
            for (auto const& event : request.events) // ids come before versions
                if (log.position_of(event.id) != 0)
                    detail::refuse_repeat(request, event);
            return wrong_version{request_number, version};
        }
        if (stream == nullptr)
            stream = &log.add(request.stream);
        auto const first = log.events.size() + 1;
        for (std::size_t at = 0; at < copies.size(); ++at) {
            if (!log.push(std::move(copies[at]), *stream, now))
                detail::refuse_repeat(request, request.events[at]); // the caller takes back what was pushed
        }
        return appended{first, log.events.size(), stream->positions.size(), false};
    }

    static appended
    repeated(detail::memory_module const& log, append_request const& request, position first) {
        auto const last = log.position_of(request.events.back().id);
        auto const end = last == 0 ? first : last;
        return {first, end, log.at(end).version, true};
    }

    std::shared_ptr<detail::memory_state> state_ = std::make_shared<detail::memory_state>();
};

} // namespace converge
