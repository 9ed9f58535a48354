// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/fields.hpp>
#include <converge/codec/json.hpp>
#include <converge/declare/event.hpp>
#include <converge/declare/process_parts.hpp>
#include <converge/run/instance.hpp>
#include <converge/verify/machine_types.hpp>
#include <converge/verify/process_structure.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <concepts>
#include <string>
#include <string_view>

namespace converge {

namespace detail {

template <class Effect> struct commands_of_effect {
    using type = std::conditional_t<
        std::same_as<typename Effect::undo::command, void>, boost::mp11::mp_list<typename Effect::command>,
        boost::mp11::mp_list<typename Effect::command, typename Effect::undo::command>>;
};

template <class Condition, class Event, period After>
struct commands_of_effect<effect<Condition, deadline<Event, After>, irreversible>> {
    using type = boost::mp11::mp_list<>;
};

template <class Effect> using commands_of_effect_t = typename commands_of_effect<Effect>::type;

template <class Machine>
using commands_of_machine =
    boost::mp11::mp_flatten<boost::mp11::mp_transform<sends_of_row, rows_with_additions<Machine>>>;

} // namespace detail

/// Every command that a process may send, each once: of its effects, their compensations, the rows of its
/// machines. `mp_list`.
template <class Process>
using commands_of = boost::mp11::mp_unique<boost::mp11::mp_append<
    detail::joined<detail::commands_of_effect_t, effects_of<Process>>,
    detail::joined<detail::commands_of_machine, machines_of<Process>>>>;

/// A command as a step records it.
struct recorded_command {
    std::string_view name; ///< wire name of its type
    std::string payload;   ///< JSON
};

/// Printed when a command cannot be made. Remedy: `static Command from(auto const& instance)` in the command.
template <class Command> struct command_needs_a_function_named_from {
    static constexpr bool holds = false;
};

namespace detail {

template <class Command, class Instance>
concept built_by_from = requires(Instance const& instance) {
    { Command::from(instance) } -> std::convertible_to<Command>;
};

template <class Command>
concept built_from_key = field_count<Command> == 1 && requires(std::string key) { Command{key}; };

struct command_can_be_built {
    static constexpr bool holds = true;
    consteval operator bool() const noexcept { return true; }
};

template <class Command, class Instance>
inline constexpr auto can_build = [] {
    if constexpr (built_by_from<Command, Instance> || field_count<Command> == 0 || built_from_key<Command>)
        return command_can_be_built{};
    else
        return command_needs_a_function_named_from<Command>{};
}();

/// Makes a command (or the event of a deadline) for an instance.
template <class Command, class Instance> Command build(Instance const& instance) {
    static_assert(can_build<Command, Instance>);
    if constexpr (built_by_from<Command, Instance>)
        return Command::from(instance);
    else if constexpr (field_count<Command> == 0)
        return Command{};
    else
        return Command{std::string{instance.key}};
}

template <class Command> recorded_command record_command(Command const& command) {
    recorded_command made{wire_name_of<Command>, {}};
    json_codec{}.encode(command, made.payload);
    return made;
}

} // namespace detail

} // namespace converge
