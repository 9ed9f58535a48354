// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/appender.hpp>
#include <converge/store/text_map.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// The writing half of a JetStream store. What it is given has been validated.
///
/// It guesses that nothing unexpected happens: that streams stand where it saw them last, that ids are new.
/// Then an append costs two waits, for the reservation of its ids and for its events, and many appends to
/// different streams wait together. Where the guess is wrong, nothing is written by it, for every message is
/// conditional, and the careful way follows.
class jetstream_writer {
public:
    jetstream_writer(jetstream_connection& on, jetstream_modules& modules) : on_{&on}, modules_{&modules} {}

    /// One result for each request. Appends to one stream are done one after the other, and when one of them
    /// is refused, so are those after it.
    std::vector<append_result> append(std::span<append_request const> requests) {
        for (auto const& each : requests)
            check(each);
        std::vector<attempt> attempts;
        attempts.reserve(requests.size());
        for (auto const& each : requests)
            attempts.emplace_back(modules_->create(each.module), each);
        std::vector<attempt*> open;
        for (auto& each : attempts)
            open.push_back(&each);
        while (!open.empty())
            open = write_first_of_each_stream(std::move(open));
        std::vector<append_result> results;
        results.reserve(attempts.size());
        for (std::size_t number = 0; number < attempts.size(); ++number) {
            results.push_back(*attempts[number].result);
            if (!results.back())
                results.back() = wrong_version{number, results.back().error().actual};
        }
        return results;
    }

private:
    struct attempt {
        attempt(jetstream_modules::known& owner, append_request const& asked)
            : module{&owner}, request{&asked},
              side{asked.events.front().internal ? jetstream_side::internal : jetstream_side::public_},
              key{std::string{asked.module} + '\0' + std::string{asked.stream}} {}

        jetstream_modules::known* module;
        append_request const* request;
        jetstream_side side;
        std::string key; // of the stream: names have no NUL
        jetstream_stream_state state;
        bool guess = true;
        std::optional<append_result> result;
    };

    using attempt_list = std::vector<attempt*>;

    void check(append_request const& request) const {
        auto const& events = request.events;
        if (events.size() > jetstream_events_of_a_message)
            refuse_argument(
                "an append to stream " + shown(request.stream) + " has " + std::to_string(events.size()) +
                " events, a message of JetStream takes at most " +
                std::to_string(jetstream_events_of_a_message));
        std::size_t size = 1024 + request.stream.size();
        std::set<event_id> ids;
        for (auto const& each : events) {
            if (each.internal != events.front().internal)
                refuse_argument(
                    "an append to stream " + shown(request.stream) +
                    " has public and internal events, which JetStream keeps on different subjects and cannot "
                    "write together: append them one after the other");
            if (!ids.insert(each.id).second)
                refuse_repeat(request, each);
            size += each.name.size() + each.payload.size() + 32;
        }
        if (size > on_->maximum_message())
            refuse_argument(
                "an append to stream " + shown(request.stream) + " takes " + std::to_string(size) +
                " bytes, the server takes messages of up to " + std::to_string(on_->maximum_message()) +
                " (max_payload)");
    }

    /// Returns the attempts that are still to be made.
    attempt_list write_first_of_each_stream(attempt_list open) {
        attempt_list now;
        attempt_list later;
        std::set<std::string_view> streams;
        for (auto* each : open)
            (streams.insert(each->key).second ? now : later).push_back(each);
        guess(now);
        for (auto* each : now) {
            if (!each->result) {
                jetstream_appender careful{*on_, *each->module, *each->request};
                states_.erase(each->key);
                each->result = careful.run();
                each->state = careful.state();
            }
            remember(*each);
        }
        std::erase_if(later, [&](attempt* each) {
            auto const before = std::ranges::find(now, each->key, &attempt::key);
            if (!(*before)->result->has_error())
                return false;
            each->result = (*before)->result;
            return true;
        });
        return later;
    }

    void guess(attempt_list const& attempts) {
        load(attempts);
        for (auto* each : attempts)
            each->guess =
                each->request->expected.admits(each->state.version()) && each->state.active() == each->side;
        reserve(attempts);
        publish(attempts);
    }

    /// Where the streams stand: as this object saw them last; else empty, where that is expected; else as any
    /// server has it.
    void load(attempt_list const& attempts) {
        std::vector<jetstream_request> requests;
        attempt_list asked;
        for (auto* each : attempts) {
            each->state.first = first_side(each->request->stream);
            if (auto const found = states_.find(each->key); found != states_.end()) {
                each->state = found->second;
            } else if (each->request->expected != expected_version::none()) {
                auto const& names = each->module->names;
                for (auto const side : {jetstream_side::public_, jetstream_side::internal})
                    requests.push_back(
                        direct_get_request(names.log, names.subject(side, each->request->stream)));
                asked.push_back(each);
            }
        }
        auto const answers = on_->ask(requests, "see where streams stand");
        for (std::size_t number = 0; number < asked.size(); ++number)
            for (std::size_t side = 0; side < 2; ++side)
                asked[number]->state.ends[side] = end_of(
                    *on_, asked[number]->module->names,
                    read_direct_get(*on_, "see where streams stand", answers[2 * number + side]));
    }

    void reserve(attempt_list const& attempts) const {
        std::vector<jetstream_request> requests;
        attempt_list asked;
        for (auto* each : attempts) {
            if (!each->guess)
                continue;
            auto const place = encode_place(
                {std::string{each->request->stream}, each->side, each->state.end(each->side).sequence});
            for (auto const& event : each->request->events) {
                requests.push_back(
                    conditional_publication(each->module->names.id_subject(event.id), place, 0));
                asked.push_back(each);
            }
        }
        auto const answers = on_->ask(requests, "reserve ids");
        for (std::size_t number = 0; number < asked.size(); ++number)
            if (read_receipt(*on_, "reserve an id", answers[number]).sequence == 0)
                asked[number]->guess = false;
    }

    void publish(attempt_list const& attempts) const {
        std::vector<jetstream_request> requests;
        attempt_list asked;
        for (auto* each : attempts) {
            if (!each->guess)
                continue;
            auto const& events = each->request->events;
            auto message = conditional_publication(
                each->module->names.subject(each->side, each->request->stream),
                encode_jetstream_events(each->state.version() + events.size(), each->request->stream, events),
                each->state.end(each->side).sequence);
            message.headers.emplace_back("Nats-Msg-Id", to_string(events.front().id));
            requests.push_back(std::move(message));
            asked.push_back(each);
        }
        auto const answers = on_->ask(requests, "append");
        for (std::size_t number = 0; number < asked.size(); ++number)
            finish(*asked[number], read_receipt(*on_, "append", answers[number]));
    }

    static void finish(attempt& each, jetstream_receipt const& receipt) {
        if (receipt.sequence == 0 || receipt.duplicate)
            return;
        auto const count = each.request->events.size();
        auto const version = each.state.version() + count;
        each.state.end(each.side) = {receipt.sequence, false, version};
        each.module->own_sequence = std::max(each.module->own_sequence, receipt.sequence);
        each.result = appended{
            jetstream_position(receipt.sequence, count, 0), jetstream_position(receipt.sequence, 1, 0),
            version, false};
    }

    void remember(attempt const& each) {
        constexpr std::size_t most = 65'536;
        if (states_.size() >= most)
            states_.clear();
        states_.insert_or_assign(each.key, each.state);
    }

    jetstream_connection* on_;
    jetstream_modules* modules_;
    text_map<jetstream_stream_state> states_; // as they were seen last
};

} // namespace converge::detail
