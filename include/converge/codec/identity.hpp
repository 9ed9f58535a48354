// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/uuid_text.hpp>
#include <converge/dispatch/wire_name_index.hpp>

#include <boost/uuid/detail/sha1.hpp>
#include <boost/uuid/uuid.hpp>

#include <array>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace converge {

/// The namespace of the ids that converge makes; an arbitrary version 4 UUID, fixed for ever because stored
/// ids depend on it.
inline constexpr boost::uuids::uuid identity_namespace{
    {0x6b, 0x1d, 0x3f, 0x0e, 0x52, 0xa7, 0x4c, 0x69, 0x9d, 0x84, 0x2e, 0x71, 0xc5, 0x0a, 0x8f, 0x13}};

namespace detail {

inline void add_number(boost::uuids::detail::sha1& hash, std::uint64_t number) {
    std::array<unsigned char, 8> bytes{};
    for (std::size_t at = 0; at < 8; ++at)
        bytes[at] = static_cast<unsigned char>(number >> (56U - 8U * at));
    hash.process_bytes(bytes.data(), bytes.size());
}

inline void add_part(boost::uuids::detail::sha1& hash, std::string_view text) {
    add_number(hash, text.size()); // so that ("a", "bc") and ("ab", "c") differ
    hash.process_bytes(text.data(), text.size());
}

inline void add_part(boost::uuids::detail::sha1& hash, std::unsigned_integral auto number) {
    add_number(hash, number);
}

inline void add_part(boost::uuids::detail::sha1& hash, boost::uuids::uuid const& id) {
    hash.process_bytes(id.begin(), id.size());
}

/// An id of 128 bits, less those that say its version and that it is one of RFC 4122.
inline boost::uuids::uuid id_of_words(std::span<unsigned int const, 4> words, unsigned int version) {
    boost::uuids::uuid id{};
    for (std::size_t at = 0; at < id.size(); ++at)
        id.data[at] = static_cast<unsigned char>(words[at / 4] >> (24U - 8U * (at % 4)));
    id.data[6] = static_cast<unsigned char>((id.data[6] & 0x0FU) | version << 4U);
    id.data[8] = static_cast<unsigned char>((id.data[8] & 0x3FU) | 0x80U);
    return id;
}

} // namespace detail

/// The same id for the same parts: UUID version 5 (RFC 4122, section 4.3) over `identity_namespace`. A text
/// is hashed with its length, a number as eight bytes, so different lists of parts of the same types give
/// different ids. Thread-safe. Boost's SHA-1 takes about 0.4 microseconds for each 64 bytes.
template <class... Parts> boost::uuids::uuid name_based_id(Parts const&... parts) {
    boost::uuids::detail::sha1 hash;
    hash.process_bytes(identity_namespace.begin(), identity_namespace.size());
    (detail::add_part(hash, parts), ...);
    boost::uuids::detail::sha1::digest_type digest;
    hash.get_digest(digest);
    return detail::id_of_words(std::span{digest}.first<4>(), 5);
}

/// Ids of what happens at the positions of one log, for one purpose, which follow each other as the positions
/// do: so those of a batch are neighbours in a store's index of ids, and change few of its pages. Where ids
/// are hashes, each changes a page of its own.
///
/// The same for the same names, position and text: UUID version 8 (RFC 9562, section 5.8). After the bits
/// that say so come 82 of the `name_based_id` of the names, counted on by the position; 24 of a hash of the
/// text, so that another text at the same position has another id; and 16 that are 0, for up to 65,535 ids
/// that are counted on from it. Sequences of other names are elsewhere: two of 2^32 positions meet with a
/// probability of 2^-49.
class id_sequence {
public:
    template <class... Names>
        requires(sizeof...(Names) > 0)
    explicit id_sequence(Names const&... names) {
        auto const id = name_based_id(names...);
        auto const bits_of = [&](std::size_t first, std::size_t bytes) {
            std::uint64_t bits = 0;
            for (auto at = first; at < first + bytes; ++at)
                bits = bits << 8U | id.data[at];
            return bits;
        };
        upper_ = bits_of(0, 6) << 12U | (bits_of(6, 2) & 0xFFFU);
        lower_ = bits_of(8, 3) & 0x3F'FFFFU;
    }

    /// `place` is the position. Complexity: linear in the size of the text.
    boost::uuids::uuid id_of(std::uint64_t place, std::string_view text) const noexcept {
        auto const lower = lower_ + (place & 0x3F'FFFFU);
        auto const upper = upper_ + (place >> 22U) + (lower >> 22U);
        auto const hash = detail::hash_name(text);
        auto const first = (upper >> 12U) << 16U | version << 12U | (upper & 0xFFFU);
        auto const second = variant << 62U | (lower & 0x3F'FFFFU) << 40U | (hash >> 40U) << 16U;
        boost::uuids::uuid id{};
        for (std::size_t at = 0; at < 8; ++at) {
            id.data[at] = static_cast<unsigned char>(first >> (56U - 8U * at));
            id.data[at + 8] = static_cast<unsigned char>(second >> (56U - 8U * at));
        }
        return id;
    }

private:
    static constexpr std::uint64_t version = 8;
    static constexpr std::uint64_t variant = 2; // of RFC 4122 and RFC 9562

    std::uint64_t upper_ = 0; // the first 60 bits of the number that is counted on
    std::uint64_t lower_ = 0; // the other 22
};

/// The id that comes so many after another: its last 32 bits, counted on. As good as an id of its own where
/// no other id is counted on from one that is near, and those of different names are near each other with a
/// probability of 2^-90 alone. Thread-safe, constexpr.
constexpr boost::uuids::uuid id_counted_on(boost::uuids::uuid id, std::uint32_t count) noexcept {
    std::uint64_t carried = count;
    for (std::size_t at = id.size(); at-- > 12; carried >>= 8U) {
        carried += id.data[at];
        id.data[at] = static_cast<unsigned char>(carried);
    }
    return id;
}

/// A new id (UUID version 4). Thread-safe, also in a forked child. About a microsecond. Throws
/// `std::system_error` where the system has no random numbers.
inline boost::uuids::uuid random_event_id() {
    // From the system each time: a generator in memory is copied by a fork, and an equal id would be taken
    // for a repeat. Boost's generator asks in the same way, and costs each file that includes it more than
    // Hana.
    std::array<unsigned int, 4> words{};
    if (::getentropy(words.data(), sizeof words) != 0)
        throw std::system_error{errno, std::generic_category(), "no random numbers for an id"};
    return detail::id_of_words(words, 4);
}

/// The id in its usual spelling, or nothing.
inline std::optional<boost::uuids::uuid> parse_event_id(std::string_view text) {
    return detail::parse_uuid(text);
}

} // namespace converge
