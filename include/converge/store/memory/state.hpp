// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/event.hpp>
#include <converge/store/memory/log.hpp>
#include <converge/store/memory/records.hpp>
#include <converge/store/text_map.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// A shared mutex whose readers, however busy, cannot keep a writer out for ever, as they can with the one of
/// the standard library on Linux: whoever comes passes the gate, in which a writer waits.
class fair_shared_mutex {
public:
    void lock() {
        std::scoped_lock const passing{gate_};
        mutex_.lock();
    }
    void unlock() { mutex_.unlock(); }
    void lock_shared() {
        std::scoped_lock const passing{gate_};
        mutex_.lock_shared();
    }
    void unlock_shared() { mutex_.unlock_shared(); }

private:
    std::mutex gate_;
    std::shared_mutex mutex_;
};

/// Everything that memory stores share, as connections share a database. What is not in a log is under
/// `guard`; who writes to logs holds `writing`, and takes `guard` where readers would see it. `writing`
/// first.
struct memory_state {
    std::mutex writing;
    fair_shared_mutex guard;
    text_map<std::unique_ptr<memory_log>> logs; // by module; added to under both locks
    std::vector<std::unique_ptr<char[]>> texts; // NOLINT(*-avoid-c-arrays): of all events, a piece a batch
    text_map<position> cursors;                 // by reader, NUL, module
    memory_records records;
    std::set<std::string, std::less<>> running;
    std::function<timestamp()> clock = [] {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    };

    /// Makes room for the text of a batch, so that keeping it later cannot fail.
    std::unique_ptr<char[]>& place_of_text() { // NOLINT(*-avoid-c-arrays)
        if (texts.empty() || texts.back())
            texts.emplace_back();
        return texts.back();
    }

    memory_log* find(std::string_view module) const {
        auto const found = logs.find(module);
        return found == logs.end() ? nullptr : found->second.get();
    }

    memory_log& find_or_add(std::string_view module) {
        if (auto* const found = find(module))
            return *found;
        return *logs.emplace(std::string{module}, std::make_unique<memory_log>()).first->second;
    }

    static std::string cursor_name(std::string_view reader, std::string_view module) {
        std::string name{reader};
        name += '\0'; // no name has one
        name += module;
        return name;
    }

    /// Makes room for the cursors, so that setting them later cannot fail.
    std::vector<std::string> places_of(std::span<cursor const> moved) {
        std::vector<std::string> names;
        names.reserve(moved.size());
        for (auto const& each : moved) {
            names.push_back(cursor_name(each.reader, each.module));
            cursors.emplace(names.back(), 0);
        }
        return names;
    }

    void set(std::vector<std::string> const& names, std::span<cursor const> moved) noexcept {
        for (std::size_t each = 0; each < names.size(); ++each)
            cursors.find(names[each])->second = moved[each].position;
    }
};

/// The right to run a process manager on a memory state.
class memory_runner_lock {
public:
    memory_runner_lock(std::shared_ptr<memory_state> state, std::string process)
        : state_{std::move(state)}, process_{std::move(process)} {}
    memory_runner_lock(memory_runner_lock&&) noexcept = default;
    memory_runner_lock& operator=(memory_runner_lock&& other) noexcept {
        std::swap(state_, other.state_);
        std::swap(process_, other.process_);
        return *this;
    }
    ~memory_runner_lock() {
        if (!state_)
            return;
        std::scoped_lock const lock{state_->guard};
        state_->running.erase(process_);
    }

private:
    std::shared_ptr<memory_state> state_;
    std::string process_;
};

} // namespace converge::detail
