// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/connection.hpp>

#include <boost/archive/iterators/binary_from_base64.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// JetStream's requests and answers, as far as the store uses them.
namespace converge::detail {

// Codes of errors that mean something to the store.
inline constexpr std::int64_t jetstream_no_message = 10037;
inline constexpr std::int64_t jetstream_no_stream = 10059;
inline constexpr std::int64_t jetstream_name_in_use = 10058;
inline constexpr std::int64_t jetstream_no_consumer = 10014;
inline constexpr std::int64_t jetstream_wrong_sequence = 10071;

/// An answer in JSON, its error if it is one.
struct jetstream_answer {
    boost::json::object content;
    std::int64_t error = 0; ///< a code of JetStream, 0 for none
    std::string description;
};

inline std::uint64_t json_number(boost::json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    if (found == nullptr)
        return 0;
    boost::system::error_code failed;
    auto const number = found->to_number<std::uint64_t>(failed);
    return failed ? 0 : number;
}

inline std::string_view json_text(boost::json::object const& object, std::string_view name) {
    auto const* const found = object.if_contains(name);
    auto const* const text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::string_view{} : std::string_view{*text};
}

inline jetstream_answer read_answer(jetstream_message const& message) {
    jetstream_answer answer;
    boost::system::error_code failed;
    auto document = boost::json::parse(message.data(), failed);
    if (failed || !document.is_object()) {
        answer.error = -1;
        answer.description = "an answer that is no JSON object";
        return answer;
    }
    answer.content = std::move(document.get_object());
    if (auto const* const found = answer.content.if_contains("error");
        found != nullptr && found->is_object()) {
        auto const& error = found->get_object();
        answer.error = static_cast<std::int64_t>(json_number(error, "err_code"));
        if (answer.error == 0)
            answer.error = -1;
        answer.description = json_text(error, "description");
    }
    return answer;
}

/// What kind of trouble an error of JetStream is.
inline store_trouble trouble_of(std::int64_t error) noexcept {
    switch (error) {
    case 10002: // resources of the account
    case 10023: // resources
    case 10047: // storage
    case 10077: // the message could not be stored
    case 10122: // bytes of the stream
        return store_trouble::full;
    case 10054: // the message is too large
        return store_trouble::invalid_argument;
    default:
        return store_trouble::unavailable;
    }
}

[[noreturn]] inline void
refuse_answer(jetstream_connection const& on, std::string const& what, jetstream_answer const& answer) {
    on.refuse(
        trouble_of(answer.error), "cannot " + what + ": " + answer.description +
                                      (answer.error > 0 ? " (" + std::to_string(answer.error) + ")" : ""));
}

/// What a publication came to.
struct jetstream_receipt {
    std::uint64_t sequence = 0; ///< 0: refused, because the subject is not at the expected sequence
    bool duplicate = false;     ///< the server knew the message's id; nothing was written
};

/// The sequence in the usual receipt, {"stream":"NAME", "seq":NUMBER}, which needs no reading as JSON. 0: it
/// is another one.
inline std::uint64_t usual_receipt(std::string_view data) noexcept {
    constexpr std::string_view begin = R"({"stream":")";
    constexpr std::string_view number = R"("seq":)";
    if (!data.starts_with(begin) || !data.ends_with('}'))
        return 0;
    data.remove_prefix(std::min(data.find("\",", begin.size()), data.size() - 1) + 1);
    data.remove_prefix(std::min(data.find_first_not_of(", "), data.size()));
    if (!data.starts_with(number))
        return 0;
    data.remove_prefix(number.size());
    return jetstream_number(data.substr(0, data.size() - 1));
}

/// Throws for all refusals but a wrong sequence.
inline jetstream_receipt
read_receipt(jetstream_connection const& on, std::string const& what, jetstream_message const& message) {
    if (auto const sequence = usual_receipt(message.data()))
        return {sequence, false};
    auto const answer = read_answer(message);
    if (answer.error == jetstream_wrong_sequence)
        return {};
    if (answer.error != 0)
        refuse_answer(on, what, answer);
    auto const* const duplicate = answer.content.if_contains("duplicate");
    return {json_number(answer.content, "seq"), duplicate != nullptr && *duplicate == true};
}

/// A publication that is taken only if the last message of its subject has this sequence (0: there is none).
inline jetstream_request
conditional_publication(std::string subject, std::string data, std::uint64_t expected_sequence) {
    return {
        std::move(subject),
        std::move(data),
        {{"Nats-Expected-Last-Subject-Sequence", std::to_string(expected_sequence)}}};
}

/// A message of a log as it is stored.
struct jetstream_stored {
    std::uint64_t sequence = 0;
    timestamp recorded_at{};
    std::string subject;
    std::string data;
};

inline std::string decode_base64(std::string_view text) {
    using namespace boost::archive::iterators;
    using decoder = transform_width<binary_from_base64<char const*>, 8, 6>;
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string out;
    out.reserve(text.size() * 3 / 4);
    auto const whole = text.size() * 6 / 8;
    decoder from{text.data()};
    for (std::size_t at = 0; at < whole; ++at)
        out += *from++;
    return out;
}

/// Asks any server that has the stream, perhaps one that is a little behind, for the last message of a
/// subject.
inline jetstream_request direct_get_request(std::string const& stream, std::string const& subject) {
    return {"$JS.API.DIRECT.GET." + stream + "." + subject, {}, {}};
}

inline std::optional<jetstream_stored>
read_direct_get(jetstream_connection const& on, std::string const& what, jetstream_message const& message) {
    auto const status = message.status();
    if (status == "404")
        return std::nullopt;
    if (!status.empty())
        on.refuse(
            store_trouble::unavailable, "cannot " + what + ": " + std::string{message.header("Description")} +
                                            " (" + std::string{status} + ")");
    return jetstream_stored{
        jetstream_number(message.header("Nats-Sequence")), jetstream_time(message.header("Nats-Time-Stamp")),
        std::string{message.header("Nats-Subject")}, std::string{message.data()}};
}

/// Asks the leader of the stream, which knows all that is acknowledged: for the last message of a subject, or
/// for the first one whose sequence is at least `from`.
inline jetstream_request
leader_get_request(std::string const& stream, std::string const& subject, std::uint64_t from = 0) {
    boost::json::object body;
    if (from == 0) {
        body["last_by_subj"] = subject;
    } else {
        body["next_by_subj"] = subject;
        body["seq"] = from;
    }
    return {"$JS.API.STREAM.MSG.GET." + stream, boost::json::serialize(body), {}};
}

inline std::optional<jetstream_stored>
read_leader_get(jetstream_connection const& on, std::string const& what, jetstream_message const& message) {
    auto const answer = read_answer(message);
    if (answer.error == jetstream_no_message || answer.error == jetstream_no_stream)
        return std::nullopt;
    if (answer.error != 0)
        refuse_answer(on, what, answer);
    auto const* const found = answer.content.if_contains("message");
    if (found == nullptr || !found->is_object())
        on.refuse(store_trouble::corrupt, "cannot " + what + ": an answer without a message");
    auto const& stored = found->get_object();
    return jetstream_stored{
        json_number(stored, "seq"), jetstream_time(json_text(stored, "time")),
        std::string{json_text(stored, "subject")}, decode_base64(json_text(stored, "data"))};
}

} // namespace converge::detail
