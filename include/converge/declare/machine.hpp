// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/name.hpp>

#include <boost/mp11/list.hpp>

namespace converge {

/// The event `Event` where `Guard{}(event)` is true. A guard is a stateless function object that reads the
/// event alone, so the check stays exact: the event becomes two letters, taken and not taken. Nest to use
/// several guards: `if_<unless<E, G>, H>`. What depends on the process's data belongs into an effect's
/// condition (`holds<Predicate>`), where it converges.
template <class Event, class Guard> struct if_;

/// The event `Event` where `Guard{}(event)` is false.
template <class Event, class Guard> struct unless;

/// Commands that a row sends each time it is taken. They are built from the instance's key alone. A command
/// with a member type `undoes` counts against the command it names. Prefer effects, which are sent once as
/// long as their condition holds.
template <class... Commands> struct send;

/// In state `From`, the event `On` leads to state `To`. At most one `send<...>` may follow. (The default is
/// refused by `verified`, in fewer words than a missing argument by the compiler.)
template <class From, class On, class To = void, class... Sends> struct row;

/// In state `State`, each of the events is known and changes nothing.
template <class State, class... Events> struct stay;

/// The table of a machine: `row`s and `stay`s, in any order. Each state decides each event the machine knows,
/// exactly once. The first entry's state is the initial one, unless the machine has a member type `initial`.
template <class... Entries> struct transitions {
    using entries = boost::mp11::mp_list<Entries...>;
};

/// A list of states, for a machine's member type `final_states`. States that no event leaves are final
/// without being listed.
template <class... States> struct states {};

/// A struct with a member type `transitions`. Optional members: type `initial`, type `final_states`, `static
/// constexpr bool perpetual` (true: the machine need not be able to end), `static constexpr converge::name
/// name`.
template <class Type>
concept machine = requires { typename Type::transitions::entries; };

} // namespace converge
