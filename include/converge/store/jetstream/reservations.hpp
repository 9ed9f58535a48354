// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/jetstream/api.hpp>
#include <converge/store/jetstream/frame.hpp>
#include <converge/store/jetstream/modules.hpp>
#include <converge/store/jetstream/reservation.hpp>
#include <converge/store/jetstream/stream_state.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace converge::detail {

/// What a module knows of an id.
struct jetstream_known_id {
    std::uint64_t sequence = 0; ///< of the reservation; 0: there is none
    jetstream_place place;
    bool taken = false; ///< there is a message at the place, so that no other can arrive there any more
    position at = 0;    ///< of the event; 0: it is not in the log
    stream_version version = 0;
};

/// Looks up ids of a module, from the leaders, so that the answers hold.
class jetstream_ids {
public:
    explicit jetstream_ids(jetstream_connection& on) : on_{&on} {}

    /// Complexity: one question for each id, and one for each place where one of them may be; two waits.
    std::vector<jetstream_known_id> look_up(
        jetstream_module const& module, std::span<new_event const> events, std::string const& what) const {
        std::vector<jetstream_request> requests;
        for (auto const& each : events)
            requests.push_back(leader_get_request(module.ids, module.id_subject(each.id)));
        auto const answers = on_->ask(requests, what);
        std::vector<jetstream_known_id> found(events.size());
        std::vector<jetstream_place> places;
        for (std::size_t each = 0; each < found.size(); ++each) {
            auto const stored = read_leader_get(*on_, what, answers[each]);
            if (!stored)
                continue;
            if (!decode_place(stored->data, found[each].place))
                on_->refuse(
                    store_trouble::corrupt, "message " + std::to_string(stored->sequence) +
                                                " of JetStream stream " + module.ids +
                                                " is not as converge writes it");
            found[each].sequence = stored->sequence;
            if (std::find(places.begin(), places.end(), found[each].place) == places.end())
                places.push_back(found[each].place);
        }
        look_into(places, module, events, what, found);
        return found;
    }

private:
    void look_into(
        std::vector<jetstream_place> const& places, jetstream_module const& module,
        std::span<new_event const> events, std::string const& what,
        std::vector<jetstream_known_id>& found) const {
        std::vector<jetstream_request> requests;
        for (auto const& each : places)
            requests.push_back(
                leader_get_request(module.log, module.subject(each.side, each.stream), each.after + 1));
        auto const answers = on_->ask(requests, what);
        jetstream_frame frame;
        for (std::size_t number = 0; number < places.size(); ++number) {
            auto const stored = read_leader_get(*on_, what, answers[number]);
            if (!stored)
                continue;
            decode_stored(*on_, module, stored->sequence, stored->data, frame);
            for (std::size_t each = 0; each < found.size(); ++each)
                if (found[each].sequence != 0 && found[each].place == places[number])
                    note(events[each].id, frame, stored->sequence, found[each]);
        }
    }

    static void note(
        event_id const& id, jetstream_frame const& frame, std::uint64_t sequence, jetstream_known_id& found) {
        found.taken = true;
        for (std::size_t at = 0; at < frame.events.size(); ++at)
            if (frame.events[at].id == id) {
                found.at = jetstream_position(sequence, frame.events.size(), at);
                found.version = frame.version_of(at);
            }
    }

    jetstream_connection* on_;
};

} // namespace converge::detail
