// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/memory/log.hpp>
#include <converge/store/memory/state.hpp>
#include <converge/store/memory/transaction.hpp>
#include <converge/store/validation.hpp>

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
/// Thread-safe: writers exclude each other, and keep readers waiting only for the moment in which what they
/// have written is shown. Visitors run without a lock, and may write to the store.
class memory_store {
public:
    memory_store() = default;
    /// Takes the times of events from `clock`, a function that gives a `timestamp`, instead of the system's
    /// clock. It is called under the lock.
    explicit memory_store(std::function<timestamp()> clock) { state_->clock = std::move(clock); }

    /// Complexity: constant for each event, amortised.
    append_result append(append_request const& request) {
        require_valid(request);
        detail::memory_transaction transaction{*state_, {&request, 1}};
        auto const written = transaction.write();
        if (!written)
            return written.error();
        transaction.show();
        return written->front();
    }

    batch_result commit(batch const& together) {
        require_valid(together);
        detail::memory_transaction transaction{*state_, together.appends};
        transaction.require(together.fences);
        auto written = transaction.write();
        if (written)
            transaction.show(together.cursors, together.fences);
        return written;
    }

    /// Complexity: linear in the number of events passed, whether the viewer sees them or not.
    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        auto const [log, head] = find_log(module);
        while (after < head && limit > 0) {
            ++after;
            if (log->at(after).internal && viewer != module)
                continue;
            visit(log->view(after));
            --limit;
        }
        return after;
    }

    /// Complexity: linear in the number of the stream's events past `after`.
    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        auto const [log, last] = find_last(module, stream);
        if (last == 0)
            return;
        for (auto const at : log->positions_of_stream(last, after)) {
            if (limit == 0)
                return;
            if (log->at(at).internal && viewer != module)
                continue;
            visit(log->view(at));
            --limit;
        }
    }

    /// Complexity: constant, and linear in the number of the events after it that the viewer does not see.
    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
        auto const [log, last] = find_last(module, stream);
        auto const at = last == 0 ? 0 : log->last_seen(last, viewer == module);
        return at == 0 ? std::nullopt : std::optional{recorded_event{log->view(at)}};
    }

    position head(std::string_view module) const { return find_log(module).second; }

    position load_cursor(std::string_view reader, std::string_view module) const {
        std::shared_lock const lock{state_->guard};
        auto const found = state_->cursors.find(detail::memory_state::cursor_name(reader, module));
        return found == state_->cursors.end() ? 0 : found->second;
    }

    void save_cursors(std::span<cursor const> cursors, std::span<fence const> fences = {}) {
        for (auto const& each : cursors)
            require_valid(each);
        for (auto const& each : fences)
            require_valid(each);
        std::scoped_lock const lock{state_->guard};
        state_->records.require(fences);
        state_->set(state_->places_of(cursors), cursors);
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
    std::pair<detail::memory_log const*, position> find_log(std::string_view module) const {
        std::shared_lock const lock{state_->guard};
        auto const* const log = state_->find(module);
        return {log, log == nullptr ? 0 : log->head()};
    }

    std::pair<detail::memory_log const*, position>
    find_last(std::string_view module, std::string_view stream) const {
        std::shared_lock const lock{state_->guard};
        auto const* const log = state_->find(module);
        auto const* const found = log == nullptr ? nullptr : log->find(stream);
        return {log, found == nullptr ? 0 : found->last};
    }

    std::shared_ptr<detail::memory_state> state_ = std::make_shared<detail::memory_state>();
};

} // namespace converge
