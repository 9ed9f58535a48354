// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>
#include <converge/declare/process_parts.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/form_verdict.hpp>
#include <converge/verify/machine_types.hpp>
#include <converge/verify/verdict.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

// Whether the parts of a process fit together: events and modules, machines and names, conditions and states.
namespace converge::detail {

inline constexpr std::size_t nothing = ~std::size_t{0};

/// How a process stands to an event that it uses.
enum class event_standing { readable, in_no_module, in_two_modules, foreign_internal };

template <class... Events> consteval auto internal_marks(boost::mp11::mp_list<Events...>) {
    return std::array<bool, sizeof...(Events)>{is_internal<Events>...};
}

template <class Process> constexpr event_standing standing_of(type_identity event) {
    constexpr auto readable = identities(events_of<Process>{});
    constexpr auto internal = internal_marks(events_of<Process>{});
    constexpr auto own = identities(typename home_of<Process>::events{});
    auto const at = find_identity(readable, readable.size(), event);
    if (at == readable.size())
        return event_standing::in_no_module;
    for (auto other = at + 1; other < readable.size(); ++other)
        if (readable.data()[other] == event)
            return event_standing::in_two_modules;
    if (internal.data()[at] && find_identity(own, own.size(), event) == own.size())
        return event_standing::foreign_internal;
    return event_standing::readable;
}

template <class Module, class Event>
using module_has = boost::mp11::mp_contains<typename Module::events, Event>;

template <class Process, class Event, event_standing Standing> struct event_verdict {
    using type = converges<Process>;
};

template <class Process, class Event> struct event_verdict<Process, Event, event_standing::in_no_module> {
    using type = event_is_in_no_module_read<Process, Event>;
};

template <class Process, class Event> struct event_verdict<Process, Event, event_standing::in_two_modules> {
    using type = event_is_in_two_modules<Process, Event>;
};

template <class Process, class Event> struct event_verdict<Process, Event, event_standing::foreign_internal> {
    template <class Module> using has = module_has<Module, Event>;
    using type = event_is_internal_to_another_module<
        Process, Event,
        boost::mp11::mp_at<modules_of<Process>, boost::mp11::mp_find_if<modules_of<Process>, has>>>;
};

template <class Effect> struct event_of_effect {
    using type = boost::mp11::mp_list<>;
};

template <class Condition, class Event, period After>
struct event_of_effect<effect<Condition, deadline<Event, After>, irreversible>> {
    using type = boost::mp11::mp_list<Event>;
};

template <class Effect> using events_of_effect = typename event_of_effect<Effect>::type;

template <class Fold> using events_of_fold = typename Fold::events;

template <class Process> using folds_of = typename fold_list<data_of<Process>>::type;

template <template <class> class Part, class List>
using joined = boost::mp11::mp_apply<
    boost::mp11::mp_append,
    boost::mp11::mp_push_front<boost::mp11::mp_transform<Part, List>, boost::mp11::mp_list<>>>;

// The distinct events of a machine.
template <class Machine, class Sequence> struct table_events;

template <class Machine, std::size_t... Events> struct table_events<Machine, std::index_sequence<Events...>> {
    using type = boost::mp11::mp_list<event_type<Machine, Events>...>;
};

template <class Machine>
using machine_events =
    typename table_events<Machine, std::make_index_sequence<table_of<Machine>.event_count>>::type;

/// The events that move a process, or that it waits for, beside those of its machines: in folds and
/// deadlines. `mp_list`, with repeats.
template <class Process>
using events_beside_machines = boost::mp11::mp_append<
    joined<events_of_fold, folds_of<Process>>, joined<events_of_effect, effects_of<Process>>>;

/// Whether a machine, a fold or a deadline of the process has the event.
template <class Process, class... Machines>
constexpr bool is_used(type_identity event, boost::mp11::mp_list<Machines...>) {
    constexpr auto beside = identities(events_beside_machines<Process>{});
    return ((index_of_event<Machines>(event) < table_of<Machines>.event_count) || ...) ||
           find_identity(beside, beside.size(), event) < beside.size();
}

template <class Term> using events_of_term = typename Term::events;

/// The event of a `correlate` that is one function and no template. `mp_list`.
template <class Function> struct argument_of {
    using type = boost::mp11::mp_list<>;
};
template <class Key, class Event> struct argument_of<Key (*)(Event const&)> {
    using type = boost::mp11::mp_list<Event>;
};
template <class Process> struct correlated_events {
    using type = boost::mp11::mp_list<>;
};
template <class Process>
    requires requires { &Process::correlate; }
struct correlated_events<Process> : argument_of<decltype(&Process::correlate)> {};

/// Every event that a process names anywhere but in its machines. `mp_list`, with repeats.
template <class Process>
using events_named_beside_machines = boost::mp11::mp_append<
    events_beside_machines<Process>, joined<events_of_term, environment_of<Process>>, repeats_of<Process>,
    typename correlated_events<Process>::type>;

/// An event that a process may not use, and why.
struct event_fault {
    type_identity event = nullptr;
    event_standing standing = event_standing::readable;

    template <class Process, class Identities> constexpr void look(Identities const& named) {
        for (auto const each : named)
            if (standing == event_standing::readable)
                *this = {each, standing_of<Process>(each)};
    }
};

template <class Process, class... Machines>
consteval event_fault find_event_fault(boost::mp11::mp_list<Machines...>) {
    event_fault found;
    (found.look<Process>(table_of<Machines>.events), ...);
    found.look<Process>(identities(events_named_beside_machines<Process>{}));
    return found;
}

/// Whether a process may use every event that it names. Only when it may not is there a list of their types:
/// it would be as long as the table.
template <class Process> struct events_verdict {
    static constexpr event_fault fault = find_event_fault<Process>(machines_of<Process>{});

    static auto decide() {
        if constexpr (fault.standing == event_standing::readable) {
            return converges<Process>{};
        } else {
            using named = boost::mp11::mp_append<
                joined<mentioned_events, machines_of<Process>>, events_named_beside_machines<Process>>;
            using event = type_number<named, position_of(named{}, fault.event)>;
            return typename event_verdict<Process, event, fault.standing>::type{};
        }
    }
    using type = decltype(decide());
};

/// Converts to `bool` if the process reads the event and may; else its type says what is wrong.
template <class Process, class Event>
inline constexpr auto can_take =
    typename event_verdict<Process, Event, standing_of<Process>(identity_of<Event>)>::type{};

/// Indices of the first two equal entries.
struct equal_pair {
    std::size_t first = nothing;
    std::size_t second = nothing;
};

template <std::size_t Size> consteval equal_pair find_equal(std::array<std::string_view, Size> const& texts) {
    for (std::size_t second = 0; second < Size; ++second)
        for (std::size_t first = 0; first < second; ++first)
            if (texts[first] == texts[second])
                return {first, second};
    return {};
}

template <class... Events> consteval auto wire_names(boost::mp11::mp_list<Events...>) {
    return std::array<std::string_view, sizeof...(Events)>{wire_name_of<Events>...};
}

template <class Module, equal_pair Pair = find_equal(wire_names(typename Module::events{}))>
struct module_verdict {
    using one = type_number<typename Module::events, Pair.first>;
    using other = type_number<typename Module::events, Pair.second>;
    using type = std::conditional_t<
        std::same_as<one, other>, module_lists_the_event_twice<Module, one>,
        two_events_share_a_wire_name<Module, one, other>>;
};

template <class Module> struct module_verdict<Module, equal_pair{}> {
    using type = converges<Module>;
};

template <class Process, class... Modules>
auto modules_verdict(boost::mp11::mp_list<Modules...>) ->
    typename first_refusal<converges<Process>, typename module_verdict<Modules>::type...>::type;

template <class... Machines> consteval auto machine_names(boost::mp11::mp_list<Machines...>) {
    return std::array<std::string_view, sizeof...(Machines)>{name_of<Machines>...};
}

template <class Process, equal_pair Pair = find_equal(machine_names(machines_of<Process>{}))>
struct machine_names_verdict {
    using type = two_machines_share_a_name<
        Process, type_number<machines_of<Process>, Pair.first>,
        type_number<machines_of<Process>, Pair.second>>;
};

template <class Process> struct machine_names_verdict<Process, equal_pair{}> {
    using type = converges<Process>;
};

template <class Process, class State, std::size_t Machines = place_of<Process, State>.machines>
struct state_verdict {
    using type = state_is_in_two_machines<Process, State>;
};

template <class Process, class State> struct state_verdict<Process, State, 0> {
    using type = state_is_in_no_machine<Process, State>;
};

template <class Process, class State> struct state_verdict<Process, State, 1> {
    using type = converges<Process>;
};

template <class Observed> using states_of_observed = states_of_term<typename Observed::condition>;

template <class Process, class... States>
auto states_verdict(boost::mp11::mp_list<States...>) ->
    typename first_refusal<converges<Process>, typename state_verdict<Process, States>::type...>::type;

} // namespace converge::detail
