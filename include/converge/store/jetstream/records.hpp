// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/api.hpp>
#include <converge/store/jetstream/make_stream.hpp>
#include <converge/store/jetstream/modules.hpp>
#include <converge/store/jetstream/record_names.hpp>
#include <converge/store/record.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// The records of a JetStream store: one stream, whose last message on the subject of a record is the record.
/// What it is given has been validated.
///
/// A message is taken only if the subject's last one has the expected sequence, and that is the record's
/// revision. A record that is removed leaves a message that says so, for ever: with nothing in its place, a
/// late copy of the message that made the record would make it again.
class jetstream_records {
public:
    explicit jetstream_records(jetstream_connection& on)
        : on_{&on}, stream_{jetstream_record_stream(on.options().prefix)} {}

    std::optional<record> find(std::string_view name) {
        auto const what = "find record " + shown(name);
        auto found = look(subject_of(name), what);
        if (!found.frame.exists)
            return std::nullopt;
        return record{std::move(found.frame.name), found.sequence, std::move(found.frame.value)};
    }

    /// Two questions, the second for all records together.
    std::vector<record> find_all(std::string_view prefix) {
        auto const what = "find records that begin with " + shown(prefix);
        std::vector<jetstream_request> requests;
        for (auto const& subject : subjects(what))
            if (may_begin_with(subject, prefix))
                requests.push_back(leader_get_request(stream_, subject));
        std::vector<record> records;
        for (auto const& answer : on_->ask(requests, what)) {
            auto found = decoded(read_leader_get(*on_, what, answer));
            if (found.frame.exists && found.frame.name.starts_with(prefix))
                records.push_back(
                    {std::move(found.frame.name), found.sequence, std::move(found.frame.value)});
        }
        std::ranges::sort(records, {}, &record::name);
        return records;
    }

    std::optional<record_revision>
    write(std::string_view name, record_revision expected, std::string_view value) {
        auto const what = "write record " + shown(name);
        auto const sequence = replace(name, expected, value, true, what);
        return sequence == 0 ? std::nullopt : std::optional{sequence};
    }

    bool remove(std::string_view name, record_revision expected) {
        return expected != 0 && replace(name, expected, {}, false, "remove record " + shown(name)) != 0;
    }

private:
    struct found_record {
        std::uint64_t sequence = 0; // of the subject's last message; 0: there is none
        jetstream_record_frame frame;
    };

    std::string subject_of(std::string_view name) const {
        return jetstream_record_subject(on_->options().prefix, name);
    }

    /// Whether the stream is there and can be asked.
    bool is_there(std::string const& what) {
        if (is_there_)
            return true;
        auto const answer = read_answer(on_->ask({"$JS.API.STREAM.INFO." + stream_, {}, {}}, what));
        if (answer.error == jetstream_no_stream)
            return false;
        if (answer.error != 0)
            refuse_answer(*on_, what, answer);
        await_jetstream_stream(*on_, stream_, answer.content, what);
        is_there_ = true;
        return true;
    }

    /// From the leader, which knows all that is acknowledged.
    found_record look(std::string const& subject, std::string const& what) {
        if (!is_there(what))
            return {};
        return decoded(read_leader_get(*on_, what, on_->ask(leader_get_request(stream_, subject), what)));
    }

    found_record decoded(std::optional<jetstream_stored> const& stored) const {
        if (!stored)
            return {};
        found_record found{stored->sequence, {}};
        if (!decode_jetstream_record(stored->data, found.frame) ||
            subject_of(found.frame.name) != stored->subject)
            on_->refuse(
                store_trouble::corrupt, "message " + std::to_string(stored->sequence) +
                                            " of JetStream stream " + stream_ +
                                            " is not as converge writes it");
        return found;
    }

    /// The sequence of what was written; 0: the record has another revision.
    std::uint64_t replace(
        std::string_view name, record_revision expected, std::string_view value, bool exists,
        std::string const& what) {
        auto const subject = subject_of(name);
        auto const before = look(subject, what);
        if ((before.frame.exists ? before.sequence : 0) != expected)
            return 0;
        if (!ready_)
            create_jetstream_stream(
                *on_, stream_, "records", jetstream_record_subjects(on_->options().prefix));
        ready_ = is_there_ = true;
        auto const call = random_event_id();
        auto message = conditional_publication(
            subject, encode_jetstream_record({exists, call, std::string{name}, std::string{value}}),
            before.sequence);
        constexpr std::size_t header = 1024;
        if (message.data.size() + header > on_->maximum_message())
            refuse_argument(
                "record " + shown(name) + " takes " + std::to_string(message.data.size() + header) +
                " bytes, the server takes messages of up to " + std::to_string(on_->maximum_message()) +
                " (max_payload)");
        auto const repeats = on_->repeats();
        if (auto const sequence = read_receipt(*on_, what, on_->ask(message, what)).sequence; sequence != 0)
            return sequence;
        // Refused: by what another has written, or by a copy of itself whose answer was lost.
        auto const after = look(subject, what);
        if (after.sequence != 0 && after.frame.call == call)
            return after.sequence;
        if (repeats != on_->repeats())
            on_->refuse(
                store_trouble::unavailable,
                "cannot " + what +
                    ": an answer was lost, and the record has been changed; by this call or by "
                    "another, nobody knows");
        return 0;
    }

    /// All subjects of the stream, as its leader lists them, page by page.
    std::vector<std::string> subjects(std::string const& what) {
        std::vector<std::string> found;
        if (!is_there(what))
            return found;
        for (;;) {
            auto const answer = read_answer(on_->ask(
                {"$JS.API.STREAM.INFO." + stream_,
                 boost::json::serialize(
                     boost::json::object{{"subjects_filter", ">"}, {"offset", found.size()}}),
                 {}},
                what));
            if (answer.error == jetstream_no_stream)
                return {};
            if (answer.error != 0)
                refuse_answer(*on_, what, answer);
            auto const* const state = answer.content.if_contains("state");
            auto const* const listed = state == nullptr || !state->is_object()
                                           ? nullptr
                                           : state->get_object().if_contains("subjects");
            if (listed == nullptr || !listed->is_object() || listed->get_object().empty())
                return found;
            for (auto const& [subject, count] : listed->get_object())
                found.emplace_back(subject);
            if (found.size() >= json_number(answer.content, "total"))
                return found;
        }
    }

    /// Whether the record of a subject may have a name that begins so: what was cut from the subject nobody
    /// sees.
    bool may_begin_with(std::string_view subject, std::string_view prefix) const {
        auto const seen = visible_record_name(on_->options().prefix, subject);
        auto const wanted = jetstream_encoded(prefix);
        return seen.whole ? seen.text.starts_with(wanted)
                          : seen.text.starts_with(std::string_view{wanted}.substr(0, seen.text.size()));
    }

    jetstream_connection* on_;
    std::string stream_;
    bool is_there_ = false; // the stream is there and can be asked
    bool ready_ = false;    // and is ours
};

} // namespace converge::detail
