// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/process_parts.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/machine_types.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <concepts>
#include <type_traits>

// A compensation undoes exactly one kind of command and is sent for nothing else, so that commands can be
// counted.
namespace converge::detail {

/// `Undo` takes back `Command`, by an effect or by a row.
template <class Command, class Undo> struct undoing {
    using command = Command;
    using undo = Undo;
};

template <class Effect>
using undoing_of_effect = std::conditional_t<
    std::same_as<typename Effect::undo::command, void>, boost::mp11::mp_list<>,
    boost::mp11::mp_list<undoing<typename Effect::command, typename Effect::undo::command>>>;

template <class Machine>
using sent_by_rows =
    boost::mp11::mp_flatten<boost::mp11::mp_transform<sends_of_row, rows_with_additions<Machine>>>;

template <class Command>
using undoing_of_command = std::conditional_t<
    net_command<Command>::sign == 1, boost::mp11::mp_list<>,
    boost::mp11::mp_list<undoing<typename net_command<Command>::type, Command>>>;

template <class Command>
using own_command = std::conditional_t<
    net_command<Command>::sign == 1, boost::mp11::mp_list<Command>, boost::mp11::mp_list<>>;

template <class Effect> using command_of_effect = typename Effect::command;

template <template <class> class Part, class List>
using joined_over = boost::mp11::mp_apply<
    boost::mp11::mp_append,
    boost::mp11::mp_push_front<boost::mp11::mp_transform<Part, List>, boost::mp11::mp_list<>>>;

template <class Process> using row_sends_of = joined_over<sent_by_rows, machines_of<Process>>;

template <class Process>
using undoings_of = boost::mp11::mp_unique<boost::mp11::mp_append<
    joined_over<undoing_of_effect, effects_of<Process>>,
    joined_over<undoing_of_command, row_sends_of<Process>>>>;

/// What is sent to be done, and not to be undone.
template <class Process>
using own_commands_of = boost::mp11::mp_append<
    boost::mp11::mp_transform<command_of_effect, effects_of<Process>>,
    joined_over<own_command, row_sends_of<Process>>>;

template <class Process, class One, class Other>
using same_compensation_verdict = std::conditional_t<
    std::same_as<typename One::undo, typename Other::undo> &&
        !std::same_as<typename One::command, typename Other::command>,
    compensation_undoes_two_commands<
        Process, typename One::undo, typename One::command, typename Other::command>,
    converges<Process>>;

template <class Process, class Undoing, class... Others>
auto compensation_verdict(boost::mp11::mp_list<Others...>) -> typename first_refusal<
    std::conditional_t<
        boost::mp11::mp_contains<own_commands_of<Process>, typename Undoing::undo>::value,
        compensation_is_sent_for_its_own_sake<Process, typename Undoing::undo, typename Undoing::command>,
        converges<Process>>,
    same_compensation_verdict<Process, Undoing, Others>...>::type;

template <class Process, class... Undoings>
auto compensations_verdict(boost::mp11::mp_list<Undoings...> all) -> typename first_refusal<
    converges<Process>, decltype(compensation_verdict<Process, Undoings>(all))...>::type;

} // namespace converge::detail
