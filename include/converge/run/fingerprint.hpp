// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>
#include <converge/declare/effect.hpp>
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
    constexpr void add(char const* text) noexcept { add(std::string_view{text}); }
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

/// Adds a term of a condition: a state with its machine's name.
template <class Process, class Term> struct term_fingerprint {
    static consteval void add(fingerprint_hash& hash) {
        add_name_of_machine(hash, place_of<Process, Term>.machine, machines_of<Process>{});
        hash.add(state_name<Term>);
    }
    template <class... Machines>
    static consteval void
    add_name_of_machine(fingerprint_hash& hash, std::size_t wanted, boost::mp11::mp_list<Machines...>) {
        std::size_t number = 0;
        ((number++ == wanted ? hash.add(name_of<Machines>) : void()), ...);
    }
};

template <class Process, class... Terms>
consteval void add_terms(fingerprint_hash& hash, std::string_view what) {
    hash.add(what);
    hash.add(sizeof...(Terms));
    (term_fingerprint<Process, Terms>::add(hash), ...);
}

template <class Process, class... Terms> struct term_fingerprint<Process, when<Terms...>> {
    static consteval void add(fingerprint_hash& hash) { add_terms<Process, Terms...>(hash, "when"); }
};
template <class Process, class... Terms> struct term_fingerprint<Process, any_of<Terms...>> {
    static consteval void add(fingerprint_hash& hash) { add_terms<Process, Terms...>(hash, "any_of"); }
};
template <class Process, class... Terms> struct term_fingerprint<Process, none_of<Terms...>> {
    static consteval void add(fingerprint_hash& hash) { add_terms<Process, Terms...>(hash, "none_of"); }
};
template <class Process, class Predicate> struct term_fingerprint<Process, holds<Predicate>> {
    static consteval void add(fingerprint_hash& hash) {
        hash.add("holds");
        hash.add(state_name<Predicate>);
    }
};
template <class Process, class Predicate> struct term_fingerprint<Process, fails<Predicate>> {
    static consteval void add(fingerprint_hash& hash) {
        hash.add("fails");
        hash.add(state_name<Predicate>);
    }
};
template <class Process, class Term>
    requires requires {
        sizeof(Term); // states are usually incomplete
        typename Term::condition;
    }
struct term_fingerprint<Process, Term> : term_fingerprint<Process, typename Term::condition> {};

/// Adds what an effect sends and how it is undone.
template <class Effect> struct effect_fingerprint;

template <class Condition, class Command>
struct effect_fingerprint<effect<Condition, Command, irreversible>> {
    static consteval void add(fingerprint_hash& hash) { hash.add(wire_name_of<Command>); }
};
template <class Condition, class Command, class Undo>
struct effect_fingerprint<effect<Condition, Command, undone_by<Undo>>> {
    static consteval void add(fingerprint_hash& hash) {
        hash.add(wire_name_of<Command>);
        hash.add("undone_by");
        hash.add(wire_name_of<Undo>);
    }
};
template <class Condition, class Command, auto Quantity, auto Reclaimed>
struct effect_fingerprint<effect<Condition, Command, adjusted_by<Quantity, Reclaimed>>> {
    static consteval void add(fingerprint_hash& hash) {
        hash.add(wire_name_of<Command>);
        hash.add("adjusted_by");
        hash.add(wire_name_of<typename adjusted_by<Quantity, Reclaimed>::command>);
    }
};
template <class Condition, class Event, period After>
struct effect_fingerprint<effect<Condition, deadline<Event, After>, irreversible>> {
    static consteval void add(fingerprint_hash& hash) {
        hash.add(wire_name_of<Event>);
        hash.add(static_cast<std::uint64_t>(After.microseconds));
    }
};

template <class Process, class... Effects>
consteval void add_effects(fingerprint_hash& hash, boost::mp11::mp_list<Effects...>) {
    hash.add(sizeof...(Effects));
    ((term_fingerprint<Process, typename Effects::condition>::add(hash),
      effect_fingerprint<Effects>::add(hash)),
     ...);
}

template <class Process, class... Machines, class... Commands, class... Folds>
consteval std::uint64_t make_fingerprint(
    boost::mp11::mp_list<Machines...>, boost::mp11::mp_list<Commands...>, boost::mp11::mp_list<Folds...>) {
    fingerprint_hash hash;
    hash.add(name_of<Process>);
    (add_machine<Machines>(hash), ...);
    (hash.add(wire_name_of<Commands>), ...);
    (hash.add(state_name<Folds>), ...);
    add_effects<Process>(hash, effects_of<Process>{});
    return hash.value;
}

} // namespace detail

/// A number that changes when the machines, states, transitions, commands, folds or effects of a process
/// change, with the conditions of the effects and the times of deadlines. It is in each step record, so that
/// a program with another declaration does not go on where it cannot. Made of names, so it is the same with
/// every compiler; what predicates, guards and `from` do inside is not in it.
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
