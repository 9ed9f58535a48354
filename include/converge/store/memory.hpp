// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/validation.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

namespace detail {

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return boost::hash<std::string_view>{}(text);
    }
};

struct text_equal {
    using is_transparent = void;
    bool operator()(std::string_view one, std::string_view other) const noexcept { return one == other; }
};

template <class Value> using text_map = boost::unordered_flat_map<std::string, Value, text_hash, text_equal>;

struct id_hash {
    std::size_t operator()(event_id const& id) const noexcept {
        std::size_t bits = 0; // ids are random or digests: their bytes are the hash
        std::memcpy(&bits, id.data, sizeof bits);
        return bits;
    }
};

struct memory_stream {
    std::string name;
    std::vector<position> positions; // by version
};

struct memory_event {
    new_event event;
    memory_stream const* stream = nullptr;
    stream_version version = 0;
    timestamp recorded_at{};

    event_view view(position at) const {
        return {at, stream->name, version, event.id, event.name, event.internal, event.payload, recorded_at};
    }
};

struct memory_module {
    std::deque<memory_event> events; // position p is events[p - 1]: no gaps here
    std::deque<memory_stream> streams;
    text_map<memory_stream*> stream_by_name;
    boost::unordered_flat_map<event_id, position, id_hash> position_by_id;

    memory_stream const* find(std::string_view stream) const {
        auto const found = stream_by_name.find(stream);
        return found == stream_by_name.end() ? nullptr : found->second;
    }
    memory_stream& find_or_add(std::string_view stream) {
        if (auto const found = stream_by_name.find(stream); found != stream_by_name.end())
            return *found->second;
        auto& added = streams.emplace_back(std::string{stream}, std::vector<position>{});
        stream_by_name.emplace(added.name, &added);
        return added;
    }
};

/// Everything a memory store holds. Several stores may share one, as several connections share a database.
struct memory_state {
    std::shared_mutex guard;
    text_map<std::unique_ptr<memory_module>> modules;
    text_map<position> cursors;
    std::set<std::string, std::less<>> running;

    memory_module const* find(std::string_view module) const {
        auto const found = modules.find(module);
        return found == modules.end() ? nullptr : found->second.get();
    }
    memory_module& find_or_add(std::string_view module) {
        auto const found = modules.find(module);
        if (found != modules.end())
            return *found->second;
        return *modules.emplace(std::string{module}, std::make_unique<memory_module>()).first->second;
    }
};

} // namespace detail

/// A store in memory, for tests and simulation. Nothing outlives it, so "durable" means as long as a copy of
/// the object exists: copies share their events. Thread-safe: writers exclude each other and readers, readers
/// run together.
class memory_store {
public:
    /// Complexity: constant for each event, amortised.
    append_result append(append_request const& request) {
        require_valid(request);
        std::scoped_lock const lock{state_->guard};
        std::vector<undo_entry> undo;
        try {
            return write(request, undo);
        } catch (...) {
            take_back(undo);
            throw;
        }
    }

    batch_result commit(batch const& together) {
        require_valid(together);
        std::scoped_lock const lock{state_->guard};
        std::vector<undo_entry> undo;
        std::vector<appended> done;
        done.reserve(together.appends.size());
        try {
            for (auto const& request : together.appends) {
                auto const written = write(request, undo);
                if (!written) {
                    take_back(undo);
                    return wrong_version{done.size(), written.error().actual};
                }
                done.push_back(*written);
            }
        } catch (...) {
            take_back(undo);
            throw;
        }
        for (auto const& each : together.cursors)
            set_cursor(each);
        return done;
    }

    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        std::shared_lock const lock{state_->guard};
        auto const* log = state_->find(module);
        if (log == nullptr || limit == 0)
            return after;
        for (auto at = after; at < log->events.size(); ++at) {
            auto const& each = log->events[at];
            if (each.event.internal && viewer != module)
                continue;
            visit(each.view(at + 1));
            if (--limit == 0)
                return at + 1;
        }
        return std::max<position>(after, log->events.size());
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        std::shared_lock const lock{state_->guard};
        auto const* log = state_->find(module);
        auto const* found = log == nullptr ? nullptr : log->find(stream);
        if (found == nullptr)
            return;
        for (auto version = after; version < found->positions.size() && limit > 0; ++version) {
            auto const at = found->positions[version];
            auto const& each = log->events[at - 1];
            if (each.event.internal && viewer != module)
                continue;
            visit(each.view(at));
            --limit;
        }
    }

    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
        std::shared_lock const lock{state_->guard};
        auto const* log = state_->find(module);
        auto const* found = log == nullptr ? nullptr : log->find(stream);
        if (found == nullptr)
            return std::nullopt;
        for (auto version = found->positions.size(); version-- > 0;) {
            auto const at = found->positions[version];
            auto const& each = log->events[at - 1];
            if (!each.event.internal || viewer == module)
                return recorded_event{each.view(at)};
        }
        return std::nullopt;
    }

    position head(std::string_view module) const {
        std::shared_lock const lock{state_->guard};
        auto const* log = state_->find(module);
        return log == nullptr ? 0 : log->events.size();
    }

    position load_cursor(std::string_view reader, std::string_view module) const {
        std::shared_lock const lock{state_->guard};
        auto const found = state_->cursors.find(cursor_name(reader, module));
        return found == state_->cursors.end() ? 0 : found->second;
    }

    void save_cursors(std::span<cursor const> cursors) {
        require_valid(batch{{}, cursors});
        std::scoped_lock const lock{state_->guard};
        for (auto const& each : cursors)
            set_cursor(each);
    }

    /// The right to run a process manager on this state.
    auto lock_runner(std::string_view process) {
        std::scoped_lock const lock{state_->guard};
        if (!state_->running.emplace(process).second)
            throw store_error{
                store_trouble::in_use, "another runner of process manager " + detail::shown(process) +
                                           " is at work on this memory store"};
        auto const release = [state = state_](std::string* held) {
            std::scoped_lock const releasing{state->guard};
            state->running.erase(*held);
            delete held; // NOLINT(cppcoreguidelines-owning-memory)
        };
        return std::unique_ptr<std::string, decltype(release)>{new std::string{process}, release};
    }

private:
    static std::string cursor_name(std::string_view reader, std::string_view module) {
        std::string name{reader};
        name += '\0'; // no name has one
        name += module;
        return name;
    }

    void set_cursor(cursor const& each) {
        state_->cursors[cursor_name(each.reader, each.module)] = each.position;
    }

    // One written event, to be taken back when its batch turns out to be refused.
    struct undo_entry {
        detail::memory_module* log;
        detail::memory_stream* stream;
    };

    static bool repeats(detail::memory_module const& log, append_request const& request) {
        if (log.position_by_id.contains(request.events.front().id))
            return true;
        for (auto const& event : request.events.subspan(1))
            if (log.position_by_id.contains(event.id))
                throw repeated_later(event);
        return false;
    }

    static store_error repeated_later(new_event const& event) {
        return {
            store_trouble::invalid_argument,
            "event id " + to_string(event.id) +
                " is in the module already, but the first id of the request is not"};
    }

    static appended repeated(detail::memory_module const& log, append_request const& request) {
        auto const first = log.position_by_id.at(request.events.front().id);
        auto const last = first + request.events.size() - 1;
        return {first, last, log.events[std::min<std::size_t>(last, log.events.size()) - 1].version, true};
    }

    append_result write(append_request const& request, std::vector<undo_entry>& undo) {
        auto& log = state_->find_or_add(request.module);
        if (repeats(log, request))
            return repeated(log, request);
        auto& stream = log.find_or_add(request.stream);
        if (!request.expected.admits(stream.positions.size()))
            return wrong_version{0, stream.positions.size()};
        auto const now =
            std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
        appended done{log.events.size() + 1, 0, 0, false};
        for (auto const& event : request.events) {
            if (!log.position_by_id.emplace(event.id, log.events.size() + 1).second)
                throw repeated_later(event);
            log.events.push_back({event, &stream, stream.positions.size() + 1, now});
            stream.positions.push_back(log.events.size());
            undo.push_back({&log, &stream});
        }
        done.last = log.events.size();
        done.version = stream.positions.size();
        return done;
    }

    static void take_back(std::vector<undo_entry>& undo) {
        for (; !undo.empty(); undo.pop_back()) {
            auto& [log, stream] = undo.back();
            log->position_by_id.erase(log->events.back().event.id);
            log->events.pop_back();
            stream->positions.pop_back();
        }
    }

    std::shared_ptr<detail::memory_state> state_ = std::make_shared<detail::memory_state>();
};

} // namespace converge
