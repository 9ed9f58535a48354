// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/error.hpp>
#include <converge/store/memory/batch.hpp>
#include <converge/store/memory/log.hpp>
#include <converge/store/memory/state.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace converge::detail {

/// What is written together. Other writers wait for as long as it exists; readers only while names are added
/// and while it is shown. What is not shown is taken back.
class memory_transaction {
public:
    /// Copies the events, and finds where they go, before it waits for others.
    memory_transaction(memory_state& state, std::span<append_request const> requests)
        : state_{&state}, requests_{requests}, batch_{requests}, places_(requests.size()) {
        find_places();
        writing_.lock();
    }
    memory_transaction(memory_transaction const&) = delete;
    memory_transaction& operator=(memory_transaction const&) = delete;
    ~memory_transaction() {
        if (shown_)
            return;
        for (auto const& each : places_)
            if (each.log != nullptr) // or adding it failed
                each.log->shrink_to(each.log->head());
    }

    /// Throws `store_error` (`lease_lost`).
    void require(std::span<fence const> fences) const {
        if (fences.empty())
            return;
        std::shared_lock const lock{state_->guard};
        state_->records.require(fences);
    }

    /// What was done, in the order of the requests, or the first whose version was wrong. Throws
    /// `store_error` where ids are there already, and not as they are here.
    batch_result write() {
        add_places();
        auto const now = state_->clock();
        std::vector<appended> done;
        done.reserve(requests_.size());
        std::span<memory_event const> left{batch_.events};
        for (std::size_t number = 0; number < requests_.size(); ++number) {
            auto const count = requests_[number].events.size();
            auto const written = write(number, left.first(count), now);
            if (!written)
                return written.error();
            left = left.subspan(count);
            done.push_back(*written);
        }
        return done;
    }

    /// Shows it all to readers, and sets the cursors. Throws `store_error` (`lease_lost`).
    void show(std::span<cursor const> cursors = {}, std::span<fence const> fences = {}) {
        std::scoped_lock const lock{state_->guard};
        state_->records.require(fences);
        auto& text = state_->place_of_text();
        auto const places = state_->places_of(cursors);
        bool grew = false;
        for (auto const& each : places_) { // from here on nothing can fail
            grew = grew || each.log->written() > each.log->head();
            each.log->show();
        }
        if (grew)
            text = std::move(batch_.bytes);
        state_->set(places, cursors);
        shown_ = true;
    }

private:
    struct place {
        memory_log* log = nullptr;
        memory_stream* stream = nullptr;
    };

    /// Where requests go whose stream is there; it stays. A few at a time, so that nobody waits for long.
    void find_places() {
        for (std::size_t each = 0; each < places_.size();) {
            auto const end = std::min(places_.size(), each + 64);
            for (std::shared_lock const lock{state_->guard}; each < end; ++each)
                if (auto* const log = state_->find(requests_[each].module))
                    places_[each] = {log, log->find(requests_[each].stream)};
        }
    }

    /// Where the others go. Readers are kept out only where there is one.
    void add_places() {
        auto const is_missing = [](place const& each) { return each.stream == nullptr; };
        if (std::ranges::none_of(places_, is_missing))
            return;
        std::scoped_lock const lock{state_->guard};
        for (std::size_t each = 0; each < places_.size(); ++each)
            if (is_missing(places_[each])) {
                auto& log = state_->find_or_add(requests_[each].module);
                places_[each] = {&log, &log.find_or_add(requests_[each].stream)};
            }
    }

    append_result write(std::size_t number, std::span<memory_event const> events, timestamp now) {
        auto const& request = requests_[number];
        auto& [log, stream] = places_[number];
        if (auto const first = log->position_of(events.front().id); first != 0)
            return repeated(*log, events, first);
        auto const version = stream->version_written;
        if (!request.expected.admits(version)) {
            for (std::size_t at = 0; at < events.size(); ++at) // ids come before versions
                if (log->position_of(events[at].id) != 0)
                    refuse_repeat(request, request.events[at]);
            return wrong_version{number, version};
        }
        auto const first = log->written() + 1;
        for (std::size_t at = 0; at < events.size(); ++at)
            if (!log->write(events[at], *stream, now))
                refuse_repeat(request, request.events[at]);
        return appended{first, log->written(), stream->version_written, false};
    }

    static appended repeated(memory_log const& log, std::span<memory_event const> events, position first) {
        auto const last = log.position_of(events.back().id);
        auto const end = last == 0 ? first : last;
        return {first, end, log.at(end).version, true};
    }

    memory_state* state_;
    std::span<append_request const> requests_;
    memory_batch batch_;
    std::vector<place> places_; // of each request
    std::unique_lock<std::mutex> writing_{state_->writing, std::defer_lock};
    bool shown_ = false;
};

} // namespace converge::detail
