// SPDX-License-Identifier: MIT
#pragma once

#include <converge/dispatch/step.hpp>
#include <converge/run/effects.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <vector>

namespace converge {

/// Where and when an event was recorded.
struct event_origin {
    std::size_t module = 0; ///< place of the module in `modules_of<Process>`
    converge::position position{};
    timestamp recorded_at{};
};

namespace detail {

template <class Process, class Event>
constexpr bool take_data(instance_state<Process>& state, Event const& event, position at) {
    if constexpr (has_free_data<Process>) {
        if constexpr (requires { Process::apply(state.data, event); }) {
            Process::apply(state.data, event);
            return true;
        } else {
            return false;
        }
    } else {
        return state.data.take(event, at);
    }
}

/// Records the commands of the rows that are taken.
template <class Process> struct row_sender {
    std::string_view key;
    std::vector<recorded_command>& out;

    void operator()(std::size_t machine, std::size_t number) const {
        if (number != 0)
            boost::mp11::mp_with_index<machine_count_of<Process>>(machine, [&](auto at) {
                send_row<sending_rows_of<boost::mp11::mp_at<machines_of<Process>, decltype(at)>>>(number - 1);
            });
    }

    template <class Rows> void send_row([[maybe_unused]] std::size_t row) const {
        if constexpr (boost::mp11::mp_size<Rows>::value != 0)
            boost::mp11::mp_with_index<boost::mp11::mp_size<Rows>::value>(row, [&](auto at) {
                boost::mp11::mp_for_each<boost::mp11::mp_transform<
                    std::type_identity, commands_of_row<boost::mp11::mp_at<Rows, decltype(at)>>>>(
                    [&]<class Command>(std::type_identity<Command>) {
                        out.push_back(record_command(build<Command>(instance_key{key})));
                    });
            });
    }
};

} // namespace detail

/// Takes one event into an instance: moves the machines, folds the data, and adds the commands this asks for
/// to `commands`. Deadlines change in `after`; new ones have no id yet. `after` must be a copy of `before`.
///
/// Returns whether anything changed or has to be sent. What guards, predicates and `from` throw passes
/// through; `before` is untouched. Complexity: linear in the number of machines that know the event, of
/// folds, and of effects.
template <convergent Process, class Event>
bool take_event(
    std::string_view key, instance_state<Process> const& before, instance_state<Process>& after,
    Event const& event, event_origin const& origin, std::vector<recorded_command>& commands) {
    auto const commands_before = commands.size();
    step<Process>(after.states, event, detail::row_sender<Process>{key, commands});
    bool const data_changed = detail::take_data<Process>(after, event, origin.position);
    after.handled[origin.module] = std::max(after.handled[origin.module], origin.position);
    bool const changed = data_changed || after.states != before.states;
    // An instance begins with its first record: what its first state asks for is sent then.
    if (changed || before.version == 0) {
        auto const deadlines_before = after.deadlines.size();
        detail::reconciliation<Process> change{key, before, after, origin.recorded_at, commands};
        detail::reconcile_effects<Process>(change, effects_of<Process>{});
        if (after.deadlines.size() != deadlines_before)
            return true;
    }
    return changed || commands.size() != commands_before;
}

} // namespace converge
