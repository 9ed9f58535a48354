// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>
#include <converge/verify/composition.hpp>
#include <converge/verify/final_states.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

// What can be observed of the states of an instance: whether effects stand and outcomes hold.
namespace converge::detail {

struct has_a_from {
    int from;
};
template <class Type> struct with_a_second_from : Type, has_a_from {};

/// Whether a command has a member `from`, whatever its kind, and so may read all of the instance: the name is
/// ambiguous in a class that gets another one from elsewhere.
template <class Command>
inline constexpr bool reads_the_instance = [] {
    if constexpr (!std::is_class_v<Command> || std::is_final_v<Command>)
        return false;
    else
        return !requires { &with_a_second_from<Command>::from; };
}();

/// The condition of something that can be observed, and whether its command may show all states while it
/// holds.
template <class Condition, bool ShowsStates> struct observed {
    using condition = Condition;
    static constexpr bool shows_states = ShowsStates;
};

template <class Outcome> struct observed_outcome {
    using type = observed<Outcome, false>;
};
template <class Effect> struct observed_effect;
template <class Condition, class Command>
struct observed_effect<effect<Condition, Command, irreversible>> { // its command is built from the key alone
    using type = observed<Condition, false>;
};
template <class Condition, class Event, period After>
struct observed_effect<effect<Condition, deadline<Event, After>, irreversible>> {
    using type = observed<Condition, reads_the_instance<Event>>;
};
template <class Condition, class Command, class Undo>
struct observed_effect<effect<Condition, Command, Undo>> {
    using type =
        observed<Condition, reads_the_instance<Command> || reads_the_instance<typename Undo::command>>;
};
template <class Outcome> using observed_outcome_t = typename observed_outcome<Outcome>::type;
template <class Effect> using observed_effect_t = typename observed_effect<Effect>::type;

/// Everything that looks at the states of a process. `mp_list` of `observed`.
template <class Process>
using observations_of = boost::mp11::mp_append<
    boost::mp11::mp_transform<observed_effect_t, effects_of<Process>>,
    boost::mp11::mp_transform<observed_outcome_t, outcomes_of<Process>>>;

template <class Process, class Condition>
inline constexpr machine_set machines_in_condition = machines_with<Process>(states_of_term<Condition>{});

/// Whether a condition comes out the same for two vectors of states, whatever the data.
template <class Process, class Observed>
constexpr bool observed_alike(machine_states<Process> const& one, machine_states<Process> const& other) {
    using condition = typename Observed::condition;
    using predicates = boost::mp11::mp_unique<predicates_of_term<condition>>;
    constexpr auto count = boost::mp11::mp_size<predicates>::value;
    static_assert(count <= 8, "a condition asks at most 8 different predicates");
    for (unsigned answers = 0; answers < (1U << count); ++answers) {
        assumed_data<predicates> const data{answers};
        bool const holds = term_parts<condition>::template value<Process>(one, data);
        if (holds != term_parts<condition>::template value<Process>(other, data) ||
            (holds && Observed::shows_states && one != other))
            return false;
    }
    return true;
}

/// The machines whose states something looks at.
template <class Process, class... Observed>
consteval machine_set observed_machines(boost::mp11::mp_list<Observed...>) {
    return (machine_set{0} | ... | machines_in_condition<Process, typename Observed::condition>);
}

/// The machines whose rows send a command or undo it.
template <class Process, class Command, class... Machines>
consteval machine_set machines_sending(boost::mp11::mp_list<Machines...>) {
    machine_set set = 0;
    std::size_t number = 0;
    ((set |= index_in<Command>(table_of<Machines>.commands) < table_of<Machines>.commands.size()
                 ? only_machine(number)
                 : 0,
      ++number),
     ...);
    return set;
}

/// A machine with all others that have to be looked at with it: those that a condition asks about beside one
/// of the failing ones, and those whose rows send the same command, for only together their commands may add
/// up.
template <class Process, class... Observed, class... Commands>
constexpr machine_set machines_to_explore(
    std::size_t machine, [[maybe_unused]] machine_set failing, boost::mp11::mp_list<Observed...>,
    boost::mp11::mp_list<Commands...>) {
    auto set = only_machine(machine);
    [[maybe_unused]] auto const add = [&](machine_set together) {
        set |= (together & set & failing) != 0 ? together : 0;
    };
    for (auto before = machine_set{0}; before != set;) {
        before = set;
        (add(machines_in_condition<Process, typename Observed::condition>), ...);
        (add(machines_sending<Process, Commands>(machines_of<Process>{}) & failing), ...);
    }
    return set;
}

/// Whether two vectors of states look alike, where `Failing` are the machines that may differ. A machine that
/// nothing looks at is its own observation: why else is it there?
template <class Process, machine_set Failing> struct same_observation {
    static constexpr auto looked_at = observed_machines<Process>(observations_of<Process>{});

    template <class... Observed>
    static constexpr bool conditions_alike(
        machine_states<Process> const& one, machine_states<Process> const& other,
        boost::mp11::mp_list<Observed...>) {
        [[maybe_unused]] auto const alike = [&]<class Each>(std::type_identity<Each>) {
            if constexpr ((machines_in_condition<Process, typename Each::condition> & Failing) != 0)
                return observed_alike<Process, Each>(one, other);
            else
                return true;
        };
        return (alike(std::type_identity<Observed>{}) && ...);
    }

    template <class... Machines>
    static constexpr bool endings_alike(
        machine_states<Process> const& one, machine_states<Process> const& other,
        boost::mp11::mp_list<Machines...>) {
        std::size_t number = 0;
        [[maybe_unused]] auto const alike = [&]<class Machine>(std::type_identity<Machine>) {
            auto const at = number++;
            if (one[at] == other[at])
                return true;
            if (!has_machine(looked_at, at))
                return false;
            return final_states_of<Machine>[one[at]] == final_states_of<Machine>[other[at]];
        };
        return (alike(std::type_identity<Machines>{}) && ...);
    }

    constexpr bool
    operator()(machine_states<Process> const& one, machine_states<Process> const& other) const {
        return one == other || (endings_alike(one, other, machines_of<Process>{}) &&
                                conditions_alike(one, other, observations_of<Process>{}));
    }
};

} // namespace converge::detail
