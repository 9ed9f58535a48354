// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/data.hpp>
#include <converge/declare/effect.hpp>
#include <converge/declare/environment.hpp>
#include <converge/declare/machine_table.hpp>
#include <converge/declare/process.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

namespace converge {

namespace detail {

template <class Type> struct parts_of_member {
    static_assert(machine<Type> || process<Type>, "machines<...> takes machines and processes");
};

template <class Process> struct data_of_process {
    using type = folds<>;
};

template <class Process>
    requires requires { typename Process::data; }
struct data_of_process<Process> {
    using type = typename Process::data;
};

template <class Process> struct effects_of_process {
    using type = boost::mp11::mp_list<>;
};

template <class Process>
    requires requires { typename Process::effects::list; }
struct effects_of_process<Process> {
    using type = typename Process::effects::list;
};

template <class Process> struct repeats_of_process {
    using type = boost::mp11::mp_list<>;
};

template <class Process>
    requires requires { typename Process::repeats::list; }
struct repeats_of_process<Process> {
    using type = typename Process::repeats::list;
};

template <class Type> struct environment_of_type {
    using type = boost::mp11::mp_list<>;
};

template <class Type>
    requires requires { typename Type::environment::list; }
struct environment_of_type<Type> {
    using type = typename Type::environment::list;
};

template <class Type> struct outcomes_of_type {
    using type = boost::mp11::mp_list<>;
};

template <class Type>
    requires requires { typename Type::outcomes::list; }
struct outcomes_of_type<Type> {
    using type = typename Type::outcomes::list;
};

template <class Process> struct home_of_process {
    using type = boost::mp11::mp_front<typename Process::reads::list>;
};

template <class Process>
    requires requires { typename Process::home; }
struct home_of_process<Process> {
    using type = typename Process::home;
};

template <class Folds> struct folds_from_list;

template <class... Folds> struct folds_from_list<boost::mp11::mp_list<Folds...>> {
    using type = folds<Folds...>;
};

// A machine in a process contributes itself ...
template <machine Machine>
    requires(!process<Machine>)
struct parts_of_member<Machine> {
    using machines = boost::mp11::mp_list<Machine>;
    using effects = boost::mp11::mp_list<>;
    using folds = boost::mp11::mp_list<>;
    using repeats = typename repeats_of_process<Machine>::type;
    using environment = typename environment_of_type<Machine>::type;
    using outcomes = boost::mp11::mp_list<>;
};

template <class Type> using machines_of_member = typename parts_of_member<Type>::machines;
template <class Type> using effects_of_member = typename parts_of_member<Type>::effects;
template <class Type> using folds_of_member = typename parts_of_member<Type>::folds;
template <class Type> using repeats_of_member = typename parts_of_member<Type>::repeats;
template <class Type> using environment_of_member = typename parts_of_member<Type>::environment;
template <class Type> using outcomes_of_member = typename parts_of_member<Type>::outcomes;

template <template <class> class Part, class Process>
using joined_parts = boost::mp11::mp_apply<
    boost::mp11::mp_append,
    boost::mp11::mp_push_front<
        boost::mp11::mp_transform<Part, typename Process::machines::list>, boost::mp11::mp_list<>>>;

// ... a process its parts, those of its members first.
template <process Process> struct parts_of_member<Process> {
    using machines = boost::mp11::mp_unique<joined_parts<machines_of_member, Process>>;
    using effects = boost::mp11::mp_append<
        joined_parts<effects_of_member, Process>, typename effects_of_process<Process>::type>;
    using folds = boost::mp11::mp_unique<boost::mp11::mp_append<
        joined_parts<folds_of_member, Process>,
        typename fold_list<typename data_of_process<Process>::type>::type>>;
    using repeats = boost::mp11::mp_unique<boost::mp11::mp_append<
        joined_parts<repeats_of_member, Process>, typename repeats_of_process<Process>::type>>;
    using environment = boost::mp11::mp_unique<boost::mp11::mp_append<
        joined_parts<environment_of_member, Process>, typename environment_of_type<Process>::type>>;
    using outcomes = boost::mp11::mp_unique<boost::mp11::mp_append<
        joined_parts<outcomes_of_member, Process>, typename outcomes_of_type<Process>::type>>;
};

} // namespace detail

/// The machines of a process, those of nested processes among them, each once. `mp_list`.
template <class Process> using machines_of = typename detail::parts_of_member<Process>::machines;

/// The effects of a process, those of nested processes first. `mp_list`.
template <class Process> using effects_of = typename detail::parts_of_member<Process>::effects;

/// The modules a process reads. `mp_list`.
template <class Process> using modules_of = typename Process::reads::list;

/// The module in whose log the process keeps its own records.
template <class Process> using home_of = typename detail::home_of_process<Process>::type;

/// Whether the process keeps its data in a struct of its own, through `apply`, and so is verified except for
/// its data.
template <class Process>
inline constexpr bool has_free_data = !detail::is_folds<typename detail::data_of_process<Process>::type>;

/// The data of an instance: `folds<...>` of the process and of the processes in it, or the process's own
/// struct.
template <class Process>
using data_of = typename std::conditional_t<
    has_free_data<Process>, detail::data_of_process<Process>,
    detail::folds_from_list<typename detail::parts_of_member<Process>::folds>>::type;

/// The events that count when they come again. `mp_list`.
template <class Process> using repeats_of = typename detail::parts_of_member<Process>::repeats;

/// What is declared of the histories of a process, by it and by the machines and processes in it. `mp_list`.
template <class Process> using environment_of = typename detail::parts_of_member<Process>::environment;

/// The outcomes that a process names, with those of the processes in it. `mp_list`.
template <class Process> using outcomes_of = typename detail::parts_of_member<Process>::outcomes;

namespace detail {

template <class Module> using events_of_module = typename Module::events;

} // namespace detail

/// All events of all modules that a process reads, module by module. `mp_list`; the place in it is the
/// event's index.
template <class Process>
using events_of = boost::mp11::mp_apply<
    boost::mp11::mp_append,
    boost::mp11::mp_push_front<
        boost::mp11::mp_transform<detail::events_of_module, modules_of<Process>>, boost::mp11::mp_list<>>>;

/// How many machines a process has.
template <class Process>
inline constexpr std::size_t machine_count_of = boost::mp11::mp_size<machines_of<Process>>::value;

} // namespace converge
