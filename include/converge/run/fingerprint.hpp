// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_table.hpp>
#include <converge/dispatch/wire_name_index.hpp>
#include <converge/run/commands.hpp>

#include <boost/mp11/list.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace converge {

namespace detail {

struct fingerprint_hash {
    std::uint64_t value = 0x9e3779b97f4a7c15U;
    constexpr void add(std::uint64_t number) noexcept { value = mix(std::rotl(value, 7) ^ number); }
    constexpr void add(std::string_view text) noexcept { add(hash_name(text)); }
};

template <class Machine> consteval void add_machine(fingerprint_hash& hash) {
    auto const& table = table_of<Machine>;
    hash.add(name_of<Machine>);
    for (auto const* state : table.states)
        hash.add(state->name);
    for (auto const* event : table.events)
        hash.add(event->name);
    hash.add(table.initial);
    for (auto const next : table.next)
        hash.add(next);
}

template <class Process, class... Machines, class... Commands, class... Folds>
consteval std::uint64_t make_fingerprint(
    boost::mp11::mp_list<Machines...>, boost::mp11::mp_list<Commands...>, boost::mp11::mp_list<Folds...>) {
    fingerprint_hash hash;
    hash.add(name_of<Process>);
    (add_machine<Machines>(hash), ...);
    (hash.add(wire_name_of<Commands>), ...);
    (hash.add(state_name<Folds>), ...);
    hash.add(boost::mp11::mp_size<effects_of<Process>>::value);
    return hash.value;
}

} // namespace detail

/// A number that changes when the machines, states, transitions, commands or folds of a process change. It is
/// in each step record, so that a program with another declaration does not go on where it cannot.
template <class Process>
inline constexpr std::uint64_t fingerprint_of = detail::make_fingerprint<Process>(
    machines_of<Process>{}, commands_of<Process>{}, detail::folds_of<Process>{});

/// The fingerprint as 16 hexadecimal digits.
inline std::string fingerprint_text(std::uint64_t fingerprint) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(16, '0');
    for (std::size_t at = 16; at-- > 0; fingerprint >>= 4U)
        text[at] = digits[fingerprint & 15U];
    return text;
}

} // namespace converge
