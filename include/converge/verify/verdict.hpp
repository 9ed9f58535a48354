// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace converge {

// Verdicts. A verdict is a type whose name is a sentence, so that every compiler prints it in the first line
// of `static_assert(verified<P>)`. Only a verdict that holds converts to `bool`.

namespace detail {

/// A verdict that does not hold: no conversion to `bool`, so that `static_assert` prints its name.
struct refusal {
    static constexpr bool holds = false;
};

struct approval {
    static constexpr bool holds = true;
    consteval operator bool() const noexcept { return true; }
};

} // namespace detail

/// The process (or machine) ends in the same place with the same net effects, whatever the order of its
/// events and however often they come. What the proof rests on besides is listed: `except_for_its_data`,
/// `in_its_environment`, `up_to_equivalent_states`, each `accepts_race<...>`.
template <class Process, class... Caveats> struct converges : detail::approval {};

/// What `apply` does to the process's own data is not known to the compiler: test it with `explore`.
struct except_for_its_data;

/// Some orders do differ, and none of them can happen, if the declared environment is right.
struct in_its_environment;

/// The ends of some orders are different states, between which no effect, no outcome and no later event tells
/// a difference. A state becomes a difference by an outcome that names it (`outcomes<...>`).
struct up_to_equivalent_states;

// --- machines
// ---------------------------------------------------------------------------------------------------------

/// No row and no `stay` says what the machine does with the event in the state. Remedy: add `row<State,
/// Event, ...>`, or `Event` to a `stay<State, ...>`.
template <class Machine, class State, class Event> struct no_row_decides : detail::refusal {};

/// Two rows decide the same event in the same state. Remedy: remove one, or put opposite guards on them.
template <class Machine, class OneRow, class OtherRow> struct two_rows_decide : detail::refusal {};

/// No history leads to the state. Remedy: add the row that leads there, or remove the state's rows.
template <class Machine, class State> struct state_is_never_reached : detail::refusal {};

/// The event changes nothing in any reachable state. Remedy: add the row that uses it, or remove it from the
/// machine.
template <class Machine, class Event> struct event_is_never_used : detail::refusal {};

/// From the state the machine can never end. Remedy: add a way to a final state, list the state in
/// `final_states`, or say `static constexpr bool perpetual = true;`.
template <class Machine, class State> struct no_final_state_can_be_reached_from : detail::refusal {};

/// `final_states` or `initial` names a state that no row mentions.
template <class Machine, class State> struct state_is_in_no_row : detail::refusal {};

/// Two orders of the same events end in different states. Remedy: decide which end is right, and make the row
/// that `mend_with_either` names for it, which lets the other order end there too. Or say that one of the
/// orders cannot happen (`environment<happens_before<...>>`), or that either end is fine (`accepts_race`).
template <class Process, class One, class Other, class Remedy>
struct two_orders_end_in_different_places : detail::refusal {};

/// Two orders of the same events end in the same state but leave different commands standing. Remedy: move
/// the command from the row to an effect that depends on the state alone (`effect<when<State>, Command,
/// undone_by<...>>`).
template <class Process, class One, class Other, class Remedy>
struct two_orders_send_different_commands : detail::refusal {};

/// An event that is delivered twice leads to another state than when delivered once. Remedy: `stay<State,
/// Event>` in the state after it; or `repeats<Event>` if two equal events are two facts.
template <class Process, class Once, class Twice, class Remedy>
struct redelivery_ends_in_a_different_place : detail::refusal {};

/// An event that is delivered twice sends commands twice. Remedy: move the command to an effect; or
/// `repeats<Event>` if two equal events are two facts.
template <class Process, class Once, class Twice, class Remedy>
struct redelivery_sends_commands_again : detail::refusal {};

/// The machine, with the machines it shares conditions with and what its environment has to remember, has
/// more combinations than are explored (16,384 over the number of letters; in an environment half of that, or
/// less when it has more than 8 statements). Remedy: conditions over fewer
/// machines, fewer or simpler statements about the environment, smaller limits in `at_most`; or rows that
/// need neither.
template <class Process, class Machine> struct too_many_combinations_to_explore : detail::refusal {};

/// The environment rules the event out altogether. Remedy: remove the event, or what contradicts it.
template <class Process, class Event> struct environment_rules_out : detail::refusal {};

/// The two events have no race in any machine. Remedy: remove the `accepts_race`.
template <class Process, class Race> struct accepted_race_is_none : detail::refusal {};

/// A fold (a sum or a count) takes a redelivered event twice. Remedy: `using repeats =
/// converge::repeats<Event>;` if two equal events are two facts; else use a fold that does not count
/// (`maximum`, `union_of`).
template <class Process, class Event, class Fold> struct redelivery_changes_the_fold : detail::refusal {};

/// The fold takes the latest of events of several modules, whose positions cannot be compared. Remedy: a fold
/// for each module.
template <class Process, class Fold> struct positions_of_two_modules_are_compared : detail::refusal {};

// --- processes
// --------------------------------------------------------------------------------------------------------

/// No module that the process reads has the event. Remedy: add the event to its module, or the module to
/// `reads`.
template <class Process, class Event> struct event_is_in_no_module_read : detail::refusal {};

/// The event is in two of the modules that the process reads.
template <class Process, class Event> struct event_is_in_two_modules : detail::refusal {};

/// The process reads an event that only `Module` may read. Remedy: ask its owners for a public event, or make
/// the process part of the module
/// (`using home = Module;`).
template <class Process, class Event, class Module>
struct event_is_internal_to_another_module : detail::refusal {};

/// Two events of the module have the same wire name. Remedy: give one a `static constexpr converge::name
/// wire_name`.
template <class Module, class One, class Other> struct two_events_share_a_wire_name : detail::refusal {};

/// Two machines of the process have the same name, under which their states are stored. Remedy: give one a
/// `static constexpr converge::name name`.
template <class Process, class One, class Other> struct two_machines_share_a_name : detail::refusal {};

/// A condition names a state that none of the process's machines has.
template <class Process, class State> struct state_is_in_no_machine : detail::refusal {};

/// A condition names a state that two of the process's machines have.
template <class Process, class State> struct state_is_in_two_machines : detail::refusal {};

/// The effect cannot be undone, and after the first history, where its condition holds, the second leads out
/// of it. Remedy: `undone_by<...>`, or a condition that no event can falsify.
template <class Process, class Command, class Sent, class Undone>
struct effect_may_have_to_be_undone : detail::refusal {};

/// The command undoes the commands of two effects, so that nobody can tell which one it undoes. Remedy: a
/// command of its own for each.
template <class Process, class Compensation, class One, class Other>
struct compensation_undoes_two_commands : detail::refusal {};

/// The command undoes another, and is sent by an effect or a row for its own sake as well. Remedy: two
/// commands.
template <class Process, class Command, class Undone>
struct compensation_is_sent_for_its_own_sake : detail::refusal {};

/// The guard cannot be asked with the event alone. What depends on the process's data would come out
/// differently in another order. Remedy: a guard `bool operator()(Event const&) const`; ask data in an
/// effect's condition
/// (`holds<Predicate>`).
template <class Process, class Event, class Guard>
struct guard_must_read_the_event_alone : detail::refusal {};

/// The effect cannot be undone, and its condition depends on data that later events change. Remedy:
/// `undone_by<...>`.
template <class Process, class Command, class Predicate> struct data_may_undo_the_effect : detail::refusal {};

// --- evolutions

/// An old instance that stands like this has no place in the machine of the new process. The history leads
/// there. Remedy: `renames<OldState, NewState>`, `moves<when<OldStates...>, NewState>`, or `begins<Machine>`.
template <class Evolution, class Machine, class Standing, class History>
struct old_state_has_no_place : detail::refusal {};

/// Two `moves` give an old instance that stands like this different states of one machine. Remedy: narrow one
/// of their conditions.
template <class Evolution, class Standing, class OneState, class OtherState>
struct old_state_has_two_places : detail::refusal {};

/// The new machine converges only with what it has to remember of its history (an environment, equivalent
/// states, accepted races), and an old instance would be placed where the machine itself does not stand after
/// that history. Remedy: place it where the machine stands, or give the machine rows that converge strictly.
template <class Evolution, class Standing, class Placed, class StandsItself>
struct old_state_is_placed_off_its_history : detail::refusal {};

/// Of an old instance that is placed like this, the event may end the condition of an effect that cannot be
/// undone.
template <class Evolution, class Command, class Placed, class Event>
struct old_instance_may_have_to_undo : detail::refusal {};

/// The states that `renames` maps to those of one machine are of several old machines. Remedy: `moves`.
template <class Evolution, class Machine> struct renamed_states_are_of_two_machines : detail::refusal {};

/// The old process has had events of the new fold, and kept no such value. Remedy: `begins<Fold>`.
template <class Evolution, class Fold> struct fold_has_no_past : detail::refusal {};

/// The value under the name of the fold is of another type. Remedy: another name for the new fold.
template <class Evolution, class OldFold, class NewFold> struct fold_has_changed : detail::refusal {};

/// The data of the old process is no data of the new one. Remedy: `begins<NewData>`.
template <class Evolution, class OldData, class NewData> struct data_has_no_place : detail::refusal {};

/// The two processes have different names, under which instances are stored. Remedy: the old `name`.
template <class Evolution, class Old, class New> struct process_has_another_name : detail::refusal {};

/// The two processes keep their records in different modules. Remedy: the old `home`.
template <class Evolution, class OldHome, class NewHome> struct home_has_moved : detail::refusal {};

} // namespace converge
