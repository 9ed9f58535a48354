// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/reservations.hpp>
#include <converge/store/validation.hpp>

#include <boost/uuid/uuid_io.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace converge::detail {

/// One append, the careful way: it asks the leaders for all that it needs to know, and begins again when
/// somebody else was faster. What it writes is, in this order, the marker that closes the other side, where
/// the stream changes sides; the reservations of the ids; the events. A crash between them leaves nothing
/// that a later append does not clear away.
class jetstream_appender {
public:
    jetstream_appender(
        jetstream_connection& on, jetstream_modules::known& module, append_request const& request)
        : on_{&on}, module_{&module}, names_{&module.names}, request_{&request},
          side_{request.events.front().internal ? jetstream_side::internal : jetstream_side::public_},
          subject_{names_->subject(side_, request.stream)},
          what_{"append to stream " + shown(request.stream) + " of module " + shown(request.module)} {}

    /// Where the stream stands afterwards.
    jetstream_stream_state const& state() const noexcept { return state_; }

    append_result run() {
        auto const deadline = std::chrono::steady_clock::now() + on_->options().timeout;
        for (int attempt = 0;; ++attempt) {
            state_ = state_of(request_->stream);
            known_ = jetstream_ids{*on_}.look_up(*names_, request_->events, what_);
            if (known_.front().at != 0)
                return repeated();
            for (std::size_t each = 0; each < known_.size(); ++each)
                if (known_[each].at != 0)
                    refuse_repeat(*request_, request_->events[each]);
            if (!request_->expected.admits(state_.version()))
                return wrong_version{0, state_.version()};
            if (state_.active() == side_ ||
                mark(*names_, request_->stream, jetstream_kind::closed, state_.active(), state_))
                if (reserve())
                    if (auto const done = publish())
                        return *done;
            if (std::chrono::steady_clock::now() >= deadline)
                on_->refuse(
                    store_trouble::busy, "cannot " + what_ + ": overtaken by other writers " +
                                             std::to_string(attempt + 1) + " times");
            std::this_thread::sleep_for(std::chrono::microseconds{attempt < 8 ? 0 : 500});
        }
    }

private:
    jetstream_stream_state state_of(std::string_view stream) const {
        jetstream_request const requests[] = {
            leader_get_request(names_->log, names_->subject(jetstream_side::public_, stream)),
            leader_get_request(names_->log, names_->subject(jetstream_side::internal, stream))};
        auto const answers = on_->ask(requests, what_);
        jetstream_stream_state made;
        made.first = first_side(stream);
        for (std::size_t side = 0; side < 2; ++side)
            made.ends[side] = end_of(*on_, *names_, read_leader_get(*on_, what_, answers[side]));
        return made;
    }

    append_result repeated() const {
        auto const& first = known_.front();
        auto const& last = known_.back().at != 0 ? known_.back() : first;
        return appended{first.at, last.at, last.version, true};
    }

    /// Writes a marker to the end of a subject; false when the subject has moved.
    bool mark(
        jetstream_module const& module, std::string_view stream, jetstream_kind kind, jetstream_side side,
        jetstream_stream_state& state) const {
        auto const subject = module.subject(side, stream);
        std::optional<jetstream_kept_event> kept;
        std::optional<jetstream_stored> last;
        jetstream_frame frame;
        if (state.end(side).sequence != 0) {
            last = read_leader_get(*on_, what_, on_->ask(leader_get_request(module.log, subject), what_));
            if (!last || last->sequence != state.end(side).sequence)
                return false;
            decode_stored(*on_, module, last->sequence, last->data, frame);
            kept = last_event_of(frame, *last);
        }
        auto const receipt = read_receipt(
            *on_, what_,
            on_->ask(
                conditional_publication(
                    subject, encode_jetstream_marker(kind, state.version(), stream, kept),
                    state.end(side).sequence),
                what_));
        if (receipt.sequence == 0)
            return false;
        state.end(side) = {receipt.sequence, kind == jetstream_kind::closed, state.version()};
        return true;
    }

    /// Reserves the ids for the end of the active subject; false when another writer interferes.
    bool reserve() const {
        jetstream_place const here{std::string{request_->stream}, side_, state_.end(side_).sequence};
        std::vector<jetstream_request> requests;
        for (std::size_t each = 0; each < known_.size(); ++each) {
            auto const& known = known_[each];
            if (known.sequence != 0 && known.place == here)
                continue; // of an attempt before, or of somebody who tries the same
            if (known.sequence != 0 && !known.taken && !shut(known.place))
                return false;
            requests.push_back(conditional_publication(
                names_->id_subject(request_->events[each].id), encode_place(here), known.sequence));
        }
        for (auto const& answer : on_->ask(requests, what_))
            if (read_receipt(*on_, what_, answer).sequence == 0)
                return false;
        return true;
    }

    /// Makes sure that nothing can arrive any more at an empty place that another attempt has reserved. False
    /// when something has, just now.
    bool shut(jetstream_place const& place) const {
        auto state = state_of(place.stream);
        if (state.end(place.side).sequence != place.after)
            return false; // it came after the look-up
        return mark(*names_, place.stream, jetstream_kind::fence, place.side, state);
    }

    std::optional<append_result> publish() {
        auto const& events = request_->events;
        auto const version = state_.version() + events.size();
        auto message = conditional_publication(
            subject_, encode_jetstream_events(version, request_->stream, events), state_.end(side_).sequence);
        if (message_ids_)
            message.headers.emplace_back("Nats-Msg-Id", to_string(events.front().id));
        auto const receipt = read_receipt(*on_, what_, on_->ask(message, what_));
        // "Duplicate" may be the answer to a second copy of this very message, or, in a cluster, to an id
        // whose first message was refused and never stored. The look-up tells which; then the id is left out.
        message_ids_ = message_ids_ && !receipt.duplicate;
        if (receipt.sequence == 0 || receipt.duplicate)
            return std::nullopt;
        state_.end(side_) = {receipt.sequence, false, version};
        module_->own_sequence = std::max(module_->own_sequence, receipt.sequence);
        return appended{
            jetstream_position(receipt.sequence, events.size(), 0),
            jetstream_position(receipt.sequence, 1, 0), version, false};
    }

    jetstream_connection* on_;
    jetstream_modules::known* module_;
    jetstream_module const* names_;
    append_request const* request_;
    jetstream_side side_;
    std::string subject_;
    std::string what_;
    jetstream_stream_state state_;
    std::vector<jetstream_known_id> known_;
    bool message_ids_ = true;
};

} // namespace converge::detail
