// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/event.hpp>

#include <boost/mp11/list.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <type_traits>

namespace converge {

namespace detail {

/// Mixes eight bytes at a time; the multiplication spreads each bit over the upper half, the shift brings it
/// down again. Constants and finaliser: S. Vigna's SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

template <class Word> std::uint64_t load_word(char const* text) noexcept {
    Word loaded = 0;
    std::memcpy(&loaded, text, sizeof loaded);
    return loaded;
}

/// Up to eight bytes as a number, the first of them its lowest. At run time two loads that may overlap.
constexpr std::uint64_t load_bytes(char const* text, std::size_t size) noexcept {
    if (!std::is_constant_evaluated() && std::endian::native == std::endian::little) {
        if (size == 8)
            return load_word<std::uint64_t>(text);
        if (size >= 4)
            return load_word<std::uint32_t>(text) | load_word<std::uint32_t>(text + size - 4)
                                                        << (8U * (size - 4));
        if (size >= 2)
            return load_word<std::uint16_t>(text) | load_word<std::uint16_t>(text + size - 2)
                                                        << (8U * (size - 2));
    }
    std::uint64_t word = 0;
    for (std::size_t at = 0; at < size; ++at)
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[at])) << (8U * at);
    return word;
}

/// Hash of a whole name, the same on every machine and fixed for ever: stored ids, and who works for which
/// instance, depend on it. Complexity: one multiplication for each eight bytes, and a finaliser.
constexpr std::uint64_t hash_name(std::string_view text) noexcept {
    std::uint64_t hash = text.size() * 0x9e3779b97f4a7c15U;
    while (text.size() >= 8) {
        hash = (std::rotl(hash, 23) ^ load_bytes(text.data(), 8)) * 0x9e3779b97f4a7c15U;
        text.remove_prefix(8);
    }
    return mix(std::rotl(hash, 23) ^ load_bytes(text.data(), text.size()));
}

} // namespace detail

/// A perfect hash from names to their places in a list, made at compile time by "hash, displace" (F. C.
/// Botelho, D. Belazzougui, M. Dietzfelbinger, "Compress, hash and displace", 2009): names fall into buckets,
/// and each bucket, the fullest first, gets the first displacement under which its names meet no occupied
/// slot.
///
/// A look-up costs one hash, two loads and one comparison of text, whatever the number of names. The names
/// must differ.
template <std::size_t Names> class name_index {
public:
    /// Throws `std::invalid_argument`, at compile time an error, when two names are equal. Complexity: linear
    /// in the number of names, on average.
    constexpr explicit name_index(std::array<std::string_view, Names> const& names) : names_{names} {
        slots_.fill(empty);
        std::array<std::uint64_t, Names + 1> hashes{};
        std::array<std::size_t, Names + 1> order{};
        std::array<std::size_t, buckets> sizes{};
        for (std::size_t at = 0; at < Names; ++at) {
            hashes[at] = detail::hash_name(names[at]);
            order[at] = at;
            ++sizes[hashes[at] % buckets];
        }
        auto const bucket_of = [&](std::size_t name) {
            return static_cast<std::size_t>(hashes[name] % buckets);
        };
        std::sort(order.begin(), order.begin() + Names, [&](std::size_t left, std::size_t right) {
            auto const one = bucket_of(left);
            auto const other = bucket_of(right);
            return sizes[one] != sizes[other] ? sizes[one] > sizes[other] : one < other;
        });
        for (std::size_t at = 0; at < Names; at += sizes[bucket_of(order[at])])
            place_bucket(hashes, order, at, sizes[bucket_of(order[at])]);
    }

    /// How many names there are; also the result of `find` for an unknown name.
    static constexpr std::size_t size() noexcept { return Names; }

    /// The place of the name in the list, `size()` if it is not there. Thread-safe.
    constexpr std::size_t find(std::string_view name) const noexcept {
        auto const hash = detail::hash_name(name);
        auto const at = slots_[slot_of(hash, displacements_[hash % buckets])];
        return at < Names && names_[at] == name ? at : Names;
    }

    constexpr std::string_view operator[](std::size_t at) const noexcept { return names_[at]; }

private:
    static constexpr std::size_t buckets = std::bit_ceil(Names / 2 + 1);
    static constexpr std::size_t slots = std::bit_ceil(2 * Names + 2);
    static constexpr unsigned slot_bits = std::bit_width(slots) - 1;

    static constexpr std::size_t slot_of(std::uint64_t hash, std::uint32_t displacement) noexcept {
        // The displacement must reach each bit that decides: added to the hash, or used modulo the number of
        // slots, it would leave some pairs of names together for ever.
        auto const displaced = (hash ^ displacement * 0xbf58476d1ce4e5b9U) * 0x94d049bb133111ebU;
        return static_cast<std::size_t>(displaced >> (64U - slot_bits));
    }

    template <class Hashes, class Order>
    constexpr void
    place_bucket(Hashes const& hashes, Order const& order, std::size_t first, std::size_t size) {
        for (std::uint32_t displacement = 0;; ++displacement) {
            if (displacement == 100'000)
                throw std::invalid_argument{"two names are equal, or have the same hash"};
            std::size_t placed = 0;
            for (; placed < size; ++placed) {
                auto& slot = slots_[slot_of(hashes[order[first + placed]], displacement)];
                if (slot != empty)
                    break;
                slot = static_cast<std::uint16_t>(order[first + placed]);
            }
            if (placed == size) {
                displacements_[hashes[order[first]] % buckets] = displacement;
                return;
            }
            while (placed-- > 0)
                slots_[slot_of(hashes[order[first + placed]], displacement)] = empty;
        }
    }

    static constexpr std::uint16_t empty = 0xffff;

    std::array<std::string_view, Names> names_;
    std::array<std::uint32_t, buckets> displacements_{};
    std::array<std::uint16_t, slots> slots_{};
};

namespace detail {

template <class... Events> consteval auto index_wire_names(boost::mp11::mp_list<Events...>) {
    return name_index<sizeof...(Events)>{
        std::array<std::string_view, sizeof...(Events)>{wire_name_of<Events>...}};
}

} // namespace detail

/// The wire names of a module's events: from the name in the log to the event's place in the module.
template <class Module>
inline constexpr auto wire_names_of = detail::index_wire_names(typename Module::events{});

} // namespace converge
