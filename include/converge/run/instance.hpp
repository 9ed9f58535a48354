// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/declare/condition_evaluation.hpp>
#include <converge/declare/process_parts.hpp>
#include <converge/declare/process_table.hpp>
#include <converge/store/event.hpp>

#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace converge {

/// A timer that an instance waits for.
struct pending_deadline {
    std::uint32_t effect = 0; ///< place of its effect in `effects_of<Process>`
    event_id id{};            ///< also the id of the event it appends, so that firing twice is a no-op
    timestamp due{};
    std::string payload; ///< the event, encoded

    bool operator==(pending_deadline const&) const = default;
};

/// How many modules a process reads.
template <class Process>
inline constexpr std::size_t module_count_of = boost::mp11::mp_size<modules_of<Process>>::value;

/// Everything that a process knows of one instance: what its last step record says.
template <class Process> struct instance_state {
    machine_states<Process> states = initial_states<Process>;
    std::array<position, module_count_of<Process>> handled{}; ///< of each module read: the last event handled
    data_of<Process> data{};
    std::vector<pending_deadline> deadlines;
    stream_version version = 0; ///< how many steps are recorded
};

/// What the `from` of a command sees of an instance: `instance.key`, `instance.data`, `get<Fold>(instance)`,
/// `is_in<State>(instance)`.
template <class Process> struct instance_view {
    std::string_view key;
    machine_states<Process> const& states;
    data_of<Process> const& data;
};

/// Whether an instance is in a state; also any other term of a condition: `any_of<...>`, `holds<...>`, an
/// outcome.
template <class Term, class Process> constexpr bool is_in(instance_view<Process> const& instance) {
    return condition_holds<Process, when<Term>>(instance.states, instance.data);
}

/// The value of a fold of an instance.
template <class Fold, class Process> constexpr decltype(auto) get(instance_view<Process> const& instance) {
    return get<Fold>(instance.data);
}

/// What the `from` of a command without compensation sees of an instance. Data may still change when the
/// command has been sent, so it has none.
struct instance_key {
    std::string_view key;
};

} // namespace converge
