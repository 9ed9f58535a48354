// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/session.hpp>
#include <converge/store/jetstream/stream_state.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace converge::detail {

/// The reading half of a JetStream store.
class jetstream_reader {
public:
    jetstream_reader(jetstream_connection& on, jetstream_modules& modules) : on_{&on}, modules_{&modules} {}

    template <class Visitor>
    position read(std::string_view module, position after, std::size_t limit, bool foreign, Visitor& visit) {
        auto& known = modules_->find(module);
        if (limit == 0 || jetstream_sequence(after) > greatest || !modules_->exists(known, foreign))
            return after;
        auto place = take_session(known, after, foreign);
        auto const through = follow(known, *place.session, after, limit, foreign, visit);
        place.through = through;
        keep(known, foreign, std::move(place)); // not after an exception: then it is left to the server
        return through;
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        bool foreign, Visitor& visit) {
        auto& known = modules_->find(module);
        if (limit == 0 || !modules_->exists(known, foreign))
            return;
        auto const filter = filter_of(known.names, stream, foreign);
        if (!filter)
            return;
        jetstream_session session{
            *on_, known.names.log, *filter, 1, "read stream " + shown(stream) + of(known)};
        jetstream_frame frame;
        while (limit > 0) {
            if (session.ready().empty() &&
                session.fetch(on_->options().read_window) == jetstream_session::fetched::none)
                break;
            auto const next = std::move(session.ready().front());
            session.ready().pop_front();
            decode_stored(*on_, known.names, next.sequence, next.data(), frame);
            for (std::size_t at = 0; at < frame.events.size() && limit > 0; ++at)
                if (frame.version_of(at) > after) {
                    --limit;
                    visit(view_of(known.names, next, frame, at));
                }
        }
        if (!foreign)
            session.remove();
    }

    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, bool foreign) {
        auto& known = modules_->find(module);
        if (!modules_->exists(known, foreign))
            return std::nullopt;
        auto const what = "read the last event of stream " + shown(stream) + of(known);
        std::optional<recorded_event> last;
        for (auto const& stored : ends(known.names, stream, foreign, what)) {
            if (!stored)
                continue;
            jetstream_frame frame;
            decode_stored(*on_, known.names, stored->sequence, stored->data, frame);
            auto const event = last_event_of(frame, *stored);
            if (event && (!last || event->version > last->version))
                last = made_of(known.names, *event, frame.stream, stored->subject);
        }
        return last;
    }

    position head(std::string_view module) {
        auto& known = modules_->find(module);
        auto const what = "read the head" + of(known);
        auto const answer = read_answer(on_->ask({"$JS.API.STREAM.INFO." + known.names.log, {}, {}}, what));
        if (answer.error == jetstream_no_stream)
            return 0;
        if (answer.error != 0)
            refuse_answer(*on_, what, answer);
        auto const* const state = answer.content.if_contains("state");
        if (state == nullptr || !state->is_object())
            on_->refuse(store_trouble::corrupt, "cannot " + what + ": an answer without a state");
        return jetstream_position(json_number(state->get_object(), "last_seq"), 1, 0);
    }

private:
    /// A session and how far it has been read: mostly the next read goes on there.
    struct reading {
        std::unique_ptr<jetstream_session> session;
        position through = 0;
    };

    static constexpr std::uint64_t greatest = maximum_position / jetstream_events_of_a_message;

    static std::string of(jetstream_modules::known const& known) {
        return " of module " + shown(known.names.name);
    }

    reading take_session(jetstream_modules::known& known, position after, bool foreign) {
        auto& kept = foreign ? foreign_ : own_;
        if (auto const found = kept.find(known.names.name); found != kept.end()) {
            auto place = std::move(found->second);
            kept.erase(found);
            if (place.through == after && place.session->is_fresh())
                return place;
            if (!foreign)
                place.session->remove();
        }
        return {
            std::make_unique<jetstream_session>(
                *on_, known.names.log, foreign ? known.names.side(jetstream_side::public_) : std::string{},
                std::max<std::uint64_t>(jetstream_sequence(after + 1), 1), "read" + of(known)),
            after};
    }

    void keep(jetstream_modules::known const& known, bool foreign, reading place) {
        (foreign ? foreign_ : own_).insert_or_assign(known.names.name, std::move(place));
    }

    template <class Visitor>
    position follow(
        jetstream_modules::known const& known, jetstream_session& session, position after, std::size_t limit,
        bool foreign, Visitor& visit) {
        auto const deadline = std::chrono::steady_clock::now() + on_->options().timeout;
        for (;;) {
            auto const through = visit_ready(known.names, session, after, limit, visit);
            if (limit == 0)
                return through;
            after = through;
            if (session.fetch(std::min(limit, on_->options().read_window)) ==
                jetstream_session::fetched::some)
                continue;
            // What this object has written is not there yet: the consumer is on a server that is behind.
            if (jetstream_sequence(after) < known.own_sequence && !foreign &&
                std::chrono::steady_clock::now() < deadline)
                continue;
            if (!foreign)
                return after;
            auto const passed = session.passed_over();
            if (passed)
                return std::max(after, jetstream_position(*passed, 1, 0));
        }
    }

    /// Visits what was delivered, up to the limit, which it lowers; returns the position through which it
    /// came.
    template <class Visitor>
    position visit_ready(
        jetstream_module const& names, jetstream_session& session, position after, std::size_t& limit,
        Visitor& visit) {
        while (!session.ready().empty()) {
            auto const& next = session.ready().front();
            decode_stored(*on_, names, next.sequence, next.data(), frame_);
            for (std::size_t at = 0; at < frame_.events.size(); ++at) {
                auto const here = jetstream_position(next.sequence, frame_.events.size(), at);
                if (here <= after)
                    continue;
                if (limit == 0)
                    return after; // the rest of the message is for the next read
                --limit;
                visit(view_of(names, next, frame_, at));
                after = here;
            }
            after = std::max(after, jetstream_position(next.sequence, 1, 0));
            session.ready().pop_front();
            if (limit == 0)
                break;
        }
        return after;
    }

    event_view view_of(
        jetstream_module const& names, jetstream_delivery const& delivery, jetstream_frame const& frame,
        std::size_t at) const {
        auto const& event = frame.events[at];
        return {
            jetstream_position(delivery.sequence, frame.events.size(), at),
            frame.stream,
            frame.version_of(at),
            event.id,
            event.name,
            is_internal(names, delivery.subject()),
            event.payload,
            delivery.recorded_at};
    }

    static bool is_internal(jetstream_module const& names, std::string_view subject) {
        return subject.substr(std::min(subject.size(), names.subjects.size())).starts_with("internal.");
    }

    recorded_event made_of(
        jetstream_module const& names, jetstream_kept_event const& kept, std::string_view stream,
        std::string_view subject) const {
        return recorded_event{event_view{
            kept.position, stream, kept.version, kept.event.id, kept.event.name, is_internal(names, subject),
            kept.event.payload, timestamp{std::chrono::microseconds{kept.recorded_at}}}};
    }

    std::vector<std::optional<jetstream_stored>> ends(
        jetstream_module const& names, std::string_view stream, bool foreign, std::string const& what) const {
        std::vector<jetstream_request> requests{
            direct_get_request(names.log, names.subject(jetstream_side::public_, stream))};
        if (!foreign)
            requests.push_back(
                direct_get_request(names.log, names.subject(jetstream_side::internal, stream)));
        std::vector<std::optional<jetstream_stored>> found;
        for (auto const& answer : on_->ask(requests, what))
            found.push_back(read_direct_get(*on_, what, answer));
        return found;
    }

    /// One subject if the stream has only one: the server finds its messages faster than those of two.
    std::optional<std::string>
    filter_of(jetstream_module const& names, std::string_view stream, bool foreign) const {
        if (foreign)
            return names.subject(jetstream_side::public_, stream);
        auto const found = ends(names, stream, foreign, "see where stream " + shown(stream) + " stands");
        if (found[0] && found[1])
            return names.both_subjects(stream);
        if (!found[0] && !found[1])
            return std::nullopt;
        return names.subject(found[0] ? jetstream_side::public_ : jetstream_side::internal, stream);
    }

    jetstream_connection* on_;
    jetstream_modules* modules_;
    text_map<reading> own_;
    text_map<reading> foreign_;
    jetstream_frame frame_;
};

} // namespace converge::detail
