// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/verdict.hpp>

// Verdicts on how a declaration is written: slips that would else be said in many lines of the library's own
// templates, or not at all. They come before all others.
namespace converge {

/// A machine has a member type `transitions`, a process has `reads` and `machines`. Remedy: give the type
/// what it lacks; it may be misspelt.
template <class Type> struct has_neither_transitions_nor_reads_and_machines : detail::refusal {};

/// Remedy: `using reads = converge::reads<module>;`, with the modules that have the process's events.
template <class Process> struct process_has_no_reads : detail::refusal {};

/// Remedy: `using machines = converge::machines<...>;`
template <class Process> struct process_has_no_machines : detail::refusal {};

/// A member type is one entry where it must be the list of them. Remedy: the list, as `mend_with` spells it.
template <class Type, class Given, class Remedy> struct member_type_must_be_a_list : detail::refusal {};

/// `transitions<>` is empty. Remedy: a `row`, or a `stay`.
template <class Machine> struct machine_has_no_rows : detail::refusal {};

/// Remedy: `row<State, Event, NewState>`, or `stay<State, Event>`.
template <class Machine, class Entry>
struct transitions_list_what_is_neither_row_nor_stay : detail::refusal {};

/// The row says no state after its event. Remedy: `row<State, Event, NewState>`, or as `mend_with` spells it
/// if the state stays.
template <class Machine, class Row, class Remedy> struct row_leads_to_no_state : detail::refusal {};

/// Remedy: one `send<...>` with all commands of the row, as `mend_with` spells it.
template <class Machine, class Row, class Remedy>
struct row_takes_one_send_with_all_commands : detail::refusal {};

/// A row sends at most 4 commands. Remedy: effects.
template <class Machine, class Row> struct row_sends_more_than_four_commands : detail::refusal {};

/// Remedy: name the events that change nothing in the state; or remove the `stay`.
template <class Machine, class Stay> struct stay_names_no_event : detail::refusal {};

/// Remedy: a struct that derives from `converge::module<"its name", events...>`.
template <class Process, class Entry> struct reads_what_is_no_module : detail::refusal {};

/// `home` is no module. Remedy: the module whose log keeps the process's records.
template <class Process, class Home> struct home_is_no_module : detail::refusal {};

/// Remedy: a struct with a member type `transitions`, or another process.
template <class Process, class Entry>
struct machines_list_what_is_neither_machine_nor_process : detail::refusal {};

/// Remedy: `effect<when<State>, Command>`.
template <class Process, class Entry> struct effects_list_what_is_no_effect : detail::refusal {};

/// What undoes an effect is not said by `undone_by` or `adjusted_by`. Remedy: as `mend_with` spells it.
template <class Process, class Effect, class Remedy>
struct effect_is_undone_by_what_is_no_compensation : detail::refusal {};

/// A deadline is cancelled when its condition ends, and needs no compensation. Remedy: as `mend_with` spells
/// it.
template <class Process, class Effect, class Remedy>
struct deadline_needs_no_compensation : detail::refusal {};

/// The first argument of `adjusted_by` is a member of another struct than the effect's command.
template <class Process, class Command, class Other>
struct adjusted_member_is_of_another_command : detail::refusal {};

/// Remedy: `happens_before`, `exclusive`, `at_most` or `accepts_race`.
template <class Process, class Entry> struct environment_lists_what_is_no_statement : detail::refusal {};

/// Remedy: a struct that derives from a fold: `struct paid_cents : converge::sum<&payment_received::cents>
/// {};`
template <class Process, class Entry> struct data_lists_what_is_no_fold : detail::refusal {};

/// The sum of members that are no integers depends on the order of the events. Remedy: integers of a smaller
/// unit, cents for euros.
template <class Process, class Fold, class Value> struct sum_depends_on_the_order : detail::refusal {};

/// Remedy: remove one of the two.
template <class Module, class Event> struct module_lists_the_event_twice : detail::refusal {};

} // namespace converge
