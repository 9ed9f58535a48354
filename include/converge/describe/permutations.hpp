// SPDX-License-Identifier: MIT
#pragma once

#include <converge/describe/text_table.hpp>
#include <converge/run/commands.hpp>
#include <converge/run/take_event.hpp>
#include <converge/verify/admitted_events.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace converge {

/// What one order of events leads to.
struct permutation {
    std::vector<std::string> events; ///< wire names in the order of arrival
    std::vector<std::string> states; ///< of each machine: its end state
    std::vector<std::string>
        stands; ///< the effects that stand at the end, with their quantity where they have one

    /// Whether two orders end in the same place with the same net effects.
    bool same_end(permutation const& other) const { return states == other.states && stands == other.stands; }
};

namespace detail {

template <class Effect> struct standing_effect {
    using command = typename Effect::command;

    template <class Process> static std::string text(instance_view<Process> const&) {
        return std::string{wire_name_of<command>};
    }
};

template <class Condition, class Event, period After>
struct standing_effect<effect<Condition, deadline<Event, After>, irreversible>> {
    template <class Process> static std::string text(instance_view<Process> const&) {
        return "deadline of " + std::string{wire_name_of<Event>};
    }
};

template <class Condition, class Command, auto Quantity, auto Reclaimed>
struct standing_effect<effect<Condition, Command, adjusted_by<Quantity, Reclaimed>>> {
    template <class Process> static std::string text(instance_view<Process> const& instance) {
        auto const quantity = build<Command>(instance).*Quantity;
        return quantity > 0 ? std::string{wire_name_of<Command>} + " " + std::to_string(quantity)
                            : std::string{};
    }
};

template <class Process, class... Machines, class... Effects>
void describe_end(
    permutation& made, instance_state<Process> const& state, boost::mp11::mp_list<Machines...>,
    boost::mp11::mp_list<Effects...>) {
    std::size_t number = 0;
    (made.states.emplace_back(table_of<Machines>.states[state.states[number++]]->name), ...);
    instance_view<Process> const view{"", state.states, state.data};
    [[maybe_unused]] auto one = [&]<class Effect>(std::type_identity<Effect>) {
        if (!condition_holds<Process, typename Effect::condition>(state.states, state.data))
            return;
        if (auto text = standing_effect<Effect>::text(view); !text.empty())
            made.stands.push_back(std::move(text));
    };
    (one(std::type_identity<Effects>{}), ...);
}

template <class Process, class... Events, std::size_t... At>
permutation follow(
    std::array<std::size_t, sizeof...(Events)> const& order, std::tuple<Events const&...> events,
    std::index_sequence<At...>) {
    permutation made;
    instance_state<Process> state;
    std::vector<recorded_command> commands;
    position arrived = 0;
    for (auto const number : order) {
        auto take = [&]<std::size_t Number>(std::integral_constant<std::size_t, Number>) {
            if (Number != number)
                return;
            using event = std::remove_cvref_t<std::tuple_element_t<Number, std::tuple<Events...>>>;
            made.events.emplace_back(wire_name_of<event>);
            auto next = state;
            constexpr auto module = process_table_of<Process>.events[event_index_of<Process, event>].module;
            take_event<Process>("", state, next, std::get<Number>(events), {module, ++arrived, {}}, commands);
            next.version = state.version + 1;
            state = std::move(next);
        };
        (take(std::integral_constant<std::size_t, At>{}), ...);
    }
    describe_end<Process>(made, state, machines_of<Process>{}, effects_of<Process>{});
    return made;
}

/// Whether the environment admits the events in this order.
template <class Process, class... Events>
bool admitted_order(std::array<std::size_t, sizeof...(Events)> const& order) {
    std::uint32_t set = 0;
    for (auto const number : order) {
        if (!admitted_events<Process, Events...>::admits(set, number))
            return false;
        set |= std::uint32_t{1} << number;
    }
    return true;
}

inline std::string joined_text(std::vector<std::string> const& parts, std::string_view between) {
    std::string text;
    for (auto const& each : parts)
        text += (text.empty() ? "" : std::string{between}) + each;
    return text;
}

} // namespace detail

/// Every order of the events that the environment admits and where it leads an instance, in lexicographic
/// order of the arguments' places. Complexity: n! * n steps for n events.
template <convergent Process, class... Events>
std::vector<permutation> permutations(Events const&... events) {
    std::vector<permutation> made;
    std::array<std::size_t, sizeof...(Events)> order{};
    std::iota(order.begin(), order.end(), std::size_t{0});
    do {
        if (detail::admitted_order<Process, Events...>(order))
            made.push_back(detail::follow<Process, Events...>(
                order, std::tuple<Events const&...>{events...}, std::index_sequence_for<Events...>{}));
    } while (std::ranges::next_permutation(order).found);
    return made;
}

/// The same as a table: the order, the end state of each machine, what stands.
template <convergent Process, class... Events> std::string permutation_table(Events const&... events) {
    std::vector<std::vector<std::string>> rows{{"order of events"}};
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, machines_of<Process>>>(
        [&]<class Machine>(std::type_identity<Machine>) { rows[0].emplace_back(name_of<Machine>); });
    rows[0].emplace_back("stands at the end");
    for (auto const& each : permutations<Process>(events...)) {
        auto& row = rows.emplace_back(std::vector<std::string>{detail::joined_text(each.events, ", ")});
        row.insert(row.end(), each.states.begin(), each.states.end());
        row.push_back(detail::joined_text(each.stands, ", "));
    }
    return text_table(rows);
}

} // namespace converge
