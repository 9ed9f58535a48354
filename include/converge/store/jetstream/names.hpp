// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/jetstream/options.hpp>
#include <converge/store/validation.hpp>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <cstddef>
#include <string>
#include <string_view>

// What things are called on the server. Documented in docs/stores.md: permissions are written with these
// names.
namespace converge::detail {

/// Letters, digits, '-' and '_' as they are, each other byte as =XX.
inline std::string jetstream_encoded(std::string_view name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (auto const each : name) {
        auto const byte = static_cast<unsigned char>(each);
        auto const plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
        if (plain)
            out += each;
        else
            out += {'=', digits[byte >> 4U], digits[byte & 15U]};
    }
    return out;
}

/// A name as one token of a subject. One that would be long is cut, and ends in "=-" and a digest of the
/// whole.
inline std::string jetstream_token(std::string_view name) {
    constexpr std::size_t longest = 100;
    auto out = jetstream_encoded(name);
    if (out.empty())
        return "="; // nobody has this name, but one may ask
    if (out.size() <= longest)
        return out;
    boost::uuids::name_generator_sha1 const digest{boost::uuids::ns::oid()};
    return out.substr(0, longest - 38) + "=-" + to_string(digest(std::string{name}));
}

/// On which subject of its stream an event is.
enum class jetstream_side : unsigned char { public_, internal };

constexpr jetstream_side other_side(jetstream_side side) noexcept {
    return side == jetstream_side::public_ ? jetstream_side::internal : jetstream_side::public_;
}

/// What belongs to one module: two JetStream streams, one of its log and one of the ids in it.
struct jetstream_module {
    std::string name;
    std::string log;      ///< JetStream stream of the events
    std::string ids;      ///< JetStream stream of the reservations of ids
    std::string subjects; ///< what the subjects of the log begin with, with its '.'
    std::string id_subjects;

    jetstream_module(std::string_view prefix, std::string_view module)
        : name{module}, log{std::string{prefix} + "-log-" + jetstream_token(module)},
          ids{std::string{prefix} + "-ids-" + jetstream_token(module)},
          subjects{std::string{prefix} + ".log." + jetstream_token(module) + '.'},
          id_subjects{std::string{prefix} + ".ids." + jetstream_token(module) + '.'} {}

    /// All subjects of one side.
    std::string side(jetstream_side which) const {
        return subjects + (which == jetstream_side::public_ ? "public.*" : "internal.*");
    }
    std::string subject(jetstream_side which, std::string_view stream) const {
        return subjects + (which == jetstream_side::public_ ? "public." : "internal.") +
               jetstream_token(stream);
    }
    /// Both subjects of a stream.
    std::string both_subjects(std::string_view stream) const {
        return subjects + "*." + jetstream_token(stream);
    }
    std::string id_subject(event_id const& id) const { return id_subjects + to_string(id); }
};

inline std::string jetstream_cursors(std::string_view prefix) { return std::string{prefix} + "-cursors"; }

/// The side on which a stream begins. Records of process managers are internal, so that theirs need no change
/// of side.
constexpr jetstream_side first_side(std::string_view stream) noexcept {
    return stream.starts_with("converge/") ? jetstream_side::internal : jetstream_side::public_;
}

/// One message holds the events of one append, up to this many; the last of them has the position of the
/// message, which is its sequence times this.
inline constexpr position jetstream_events_of_a_message = 10'000;

constexpr position jetstream_position(std::uint64_t sequence, std::size_t count, std::size_t index) noexcept {
    return sequence * jetstream_events_of_a_message - (count - 1 - index);
}

/// The sequence of the message that holds a position.
constexpr std::uint64_t jetstream_sequence(position at) noexcept {
    return at / jetstream_events_of_a_message + (at % jetstream_events_of_a_message == 0 ? 0 : 1);
}

/// Throws `store_error` (`invalid_argument`) for options that cannot be.
inline void require_valid(jetstream_options const& options) {
    if (options.prefix.empty() || jetstream_token(options.prefix) != options.prefix)
        refuse_name("prefix", options.prefix, "is not made of letters, digits, '-' and '_' alone");
    if (options.replicas < 1 || options.replicas > 5)
        refuse_argument("replicas is " + std::to_string(options.replicas) + ", 1 to 5 are possible");
    if (options.publish_window == 0 || options.read_window == 0)
        refuse_argument("a window of 0 messages lets nothing through");
    if (options.timeout.count() <= 0 || options.attempt_timeout.count() <= 0)
        refuse_argument("a timeout of no time leaves none to answer");
    if (options.inbox_prefix.empty() || options.inbox_prefix.find_first_of(" \t\r\n*>") != std::string::npos)
        refuse_name("inbox prefix", options.inbox_prefix, "is no subject");
}

} // namespace converge::detail
