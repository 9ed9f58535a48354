// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/codec/known_members.hpp>
#include <converge/run/command_context.hpp>
#include <converge/run/commands.hpp>
#include <converge/run/inbox.hpp>
#include <converge/store/record.hpp>
#include <converge/verify/verified.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <concepts>
#include <string_view>
#include <type_traits>

// Whether a process and a handler have all that a runner asks for.
namespace converge {

/// No `correlate` can be called with the event. Remedy: `static auto correlate(auto const& event) { return
/// event.order; }` in the process, or an overload for this event.
template <class Process, class Event> struct no_static_correlate_takes : detail::refusal {};

/// The `correlate` of a process gives a key that is neither text nor an integer. Remedy: the member of the
/// event that names the instance.
template <class Process, class Event, class Key>
struct key_is_neither_text_nor_an_integer : detail::refusal {};

/// The store has no records, in which workers say who has which instances. Remedy: `make_runner`, one alone;
/// or a store with records (`record_store`): memory, SQLite, PostgreSQL and NATS JetStream have them.
template <class Store> struct store_keeps_no_records : detail::refusal {};

/// What `make_runner` gives when the process cannot be run: a type that does not exist, so that the error
/// stands on the caller's line and names the reason.
template <class Reason> struct process_cannot_run;

namespace detail {

struct runs : approval {};

template <class Process, class Event> consteval auto decide_key() {
    if constexpr (!requires(Event const& event) { Process::correlate(event); }) {
        return no_static_correlate_takes<Process, Event>{};
    } else {
        using key = std::remove_cvref_t<decltype(Process::correlate(std::declval<Event const&>()))>;
        return std::conditional_t<
            std::convertible_to<key const&, std::string_view> || std::integral<key>, runs,
            key_is_neither_text_nor_an_integer<Process, Event, key>>{};
    }
}

template <class Type> using members_verdict = std::remove_const_t<decltype(has_known_members<Type>)>;

/// A codec of the user's own may know members that JSON does not.
template <class Codec, class Event> consteval auto decide_event_members() {
    if constexpr (std::same_as<Codec, json_codec> && members_verdict<Event>::holds)
        return json_verdict<Event>{};
    else
        return members_verdict<Event>{};
}
template <class Codec, class Event>
using event_members_verdict = decltype(decide_event_members<Codec, Event>());

template <class Process, class Codec, class Event> consteval auto decide_event() {
    if constexpr (!event_members_verdict<Codec, Event>::holds)
        return event_members_verdict<Codec, Event>{};
    else
        return decide_key<Process, Event>();
}

template <class Process, class Codec, class... Events>
auto events_run(boost::mp11::mp_list<Events...>) ->
    typename first_refusal<runs, decltype(decide_event<Process, Codec, Events>())...>::type;

template <class Process, class Codec, class... Modules>
auto modules_run(boost::mp11::mp_list<Modules...>) -> typename first_refusal<
    runs, decltype(events_run<Process, Codec>(inbox_events<Process, Modules>{}))...>::type;

template <class Command, class Instance> consteval auto decide_command() {
    if constexpr (!json_verdict<Command>::holds)
        return json_verdict<Command>{};
    else
        return can_build<Command, Instance>;
}
template <class Command, class Instance>
using command_verdict = std::remove_const_t<decltype(decide_command<Command, Instance>())>;

template <class Command, class Undo> consteval auto decide_undo() {
    if constexpr (requires(Command const& undone) { Undo::undoing(undone); })
        return json_verdict<Undo>{};
    else
        return command_verdict<Undo, instance_key>{};
}

/// The commands of an effect, each made of what it may see of the instance.
template <class Process, class Effect> struct effect_runs {
    using type = command_verdict<typename Effect::command, instance_key>;
};
template <class Process, class Condition, class Command, class Undo>
struct effect_runs<Process, effect<Condition, Command, undone_by<Undo>>> {
    using type = typename first_refusal<
        runs, command_verdict<Command, instance_view<Process>>, decltype(decide_undo<Command, Undo>())>::type;
};
template <class Process, class Condition, class Command, auto Quantity, auto Reclaim>
struct effect_runs<Process, effect<Condition, Command, adjusted_by<Quantity, Reclaim>>> {
    using type = typename first_refusal<
        runs, command_verdict<Command, instance_view<Process>>,
        command_verdict<typename adjusted_by<Quantity, Reclaim>::command, instance_view<Process>>>::type;
};
template <class Process, class Condition, class Event, period After>
struct effect_runs<Process, effect<Condition, deadline<Event, After>, irreversible>> {
    using type = command_verdict<Event, instance_view<Process>>;
};

template <class Process, class... Effects>
auto effects_run(boost::mp11::mp_list<Effects...>) ->
    typename first_refusal<runs, typename effect_runs<Process, Effects>::type...>::type;

template <class... Commands>
auto row_commands_run(boost::mp11::mp_list<Commands...>) ->
    typename first_refusal<runs, command_verdict<Commands, instance_key>...>::type;

/// Data is part of the step records, which are JSON.
template <class Process> consteval auto decide_data() {
    if constexpr (has_free_data<Process>)
        return json_verdict<data_of<Process>>{};
    else
        return runs{};
}

// Each stage is instantiated only when those before it hold, for it may rely on them.
template <class Process, class Handler, class Codec> consteval auto decide_runner() {
    if constexpr (!convergent<Process>) {
        return verdict<Process>{};
    } else {
        using parts = typename first_refusal<
            runs, decltype(modules_run<Process, Codec>(modules_of<Process>{})),
            decltype(decide_data<Process>()), decltype(effects_run<Process>(effects_of<Process>{})),
            decltype(row_commands_run(joined<commands_of_machine, machines_of<Process>>{}))>::type;
        if constexpr (!parts::holds)
            return parts{};
        else
            return decltype(handler_verdict<Process, Handler, Codec>(commands_of<Process>{})){};
    }
}

/// What keeps a runner from running the process with this handler first; converts to `bool` if nothing does.
template <class Process, class Handler, class Codec>
using runner_verdict = decltype(decide_runner<Process, Handler, Codec>());

/// The same for a worker.
template <class Process, class Handler, class Codec, class Store> consteval auto decide_worker() {
    if constexpr (!record_store<Store>)
        return store_keeps_no_records<Store>{};
    else
        return runner_verdict<Process, Handler, Codec>{};
}
template <class Process, class Handler, class Codec, class Store>
using worker_verdict = decltype(decide_worker<Process, Handler, Codec, Store>());

template <class Process, class Handler, class Codec>
inline constexpr auto can_run = runner_verdict<Process, Handler, Codec>{};

} // namespace detail

} // namespace converge
