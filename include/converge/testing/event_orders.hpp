// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/fields.hpp>
#include <converge/dispatch/step.hpp>
#include <converge/verify/admitted_events.hpp>
#include <converge/verify/composition.hpp>
#include <converge/verify/observation.hpp>
#include <converge/verify/verified.hpp>

#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace converge {

/// In what two histories differ.
enum class difference : std::uint8_t { none, states, data, commands };

namespace detail {

/// Where a history of concrete events leads: states, data, and what the rows have sent. Effects are functions
/// of states and data, so they need not be compared.
template <class Process> struct explored_end {
    static constexpr std::size_t commands = boost::mp11::mp_size<row_commands_of<Process>>::value;

    machine_states<Process> states = initial_states<Process>;
    data_of<Process> data{};
    std::array<int, commands> sent{};

    /// The event has position `at` in its module's log, whenever it comes.
    template <class Event> constexpr void take(Event const& event, std::uint64_t at) {
        auto const letter = letter_of_event<Process>(event);
        count_sent(letter);
        take_letter<Process>(states, letter);
        if constexpr (!has_free_data<Process>)
            data.take(event, at);
        else if constexpr (requires { Process::apply(data, event); })
            Process::apply(data, event);
    }

    constexpr difference differs_from(explored_end const& other) const {
        if (!same_states(states, other.states))
            return difference::states;
        if (!equal_fields(data, other.data))
            return difference::data;
        return sent != other.sent ? difference::commands : difference::none;
    }
    constexpr bool operator==(explored_end const& other) const {
        return states == other.states && equal_fields(data, other.data) && sent == other.sent;
    }

private:
    constexpr void count_sent(process_letter letter) {
        if constexpr (commands != 0) {
            auto const& table = process_table_of<Process>;
            for (auto at = table.first_target[letter]; at < table.first_target[letter + 1]; ++at) {
                auto const cell = table.targets[at].offset + states[table.targets[at].machine];
                for (std::size_t command = 0; command < commands; ++command)
                    sent[command] += composition_data<Process>::net[cell * commands + command];
            }
        }
    }

    /// Equal, or equivalent where that is what the compiler proved.
    static constexpr bool
    same_states(machine_states<Process> const& one, machine_states<Process> const& other) {
        if constexpr (convergent<Process>) {
            if constexpr (caveats_of<Process>.equivalence)
                return same_observation<Process, failing_machines<Process>>{}(one, other);
        }
        return one == other;
    }
};

/// All orders of every selection of some events, shortest first: a node is a set of events delivered with an
/// end to which some order of them leads. As long as orders agree, a set has one end.
template <class Process, class... Events> class event_orders {
public:
    static constexpr std::size_t count = sizeof...(Events);
    static_assert(count <= 20, "at most 20 events: 2^20 sets of them");
    using end = explored_end<Process>;
    using event_set = std::uint32_t;

    constexpr explicit event_orders(std::tuple<Events...> const& events) : events_{&events} {
        for (std::size_t set = 0; set < std::size_t{1} << count; ++set)
            first_of_set_.push_back(none);
        add(0, end{}, none, 0);
        for (std::uint32_t at = 0; at < nodes_.size() && found == difference::none; ++at)
            explore(at);
    }

    /// The first difference and the two histories, as places in the list of events.
    difference found = difference::none;
    bool of_a_redelivery = false;
    std::vector<std::size_t> one;
    std::vector<std::size_t> other;

    /// Takes the event at a place of the list.
    constexpr end after(end const& before, std::size_t place) const {
        end made = before;
        takes[place](made, *events_);
        return made;
    }

private:
    using admitted = admitted_events<Process, Events...>;
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    struct node {
        event_set set = 0;
        end at;
        std::uint32_t before = none; // the node where the last event came
        std::uint32_t next = none;   // of the same set
        std::size_t last = 0;
    };

    template <std::size_t Place> static constexpr void take(end& into, std::tuple<Events...> const& events) {
        into.take(std::get<Place>(events), Place + 1);
    }
    template <std::size_t... Places> static constexpr auto all_takes(std::index_sequence<Places...>) {
        return std::array<void (*)(end&, std::tuple<Events...> const&), count>{
            &event_orders::take<Places>...};
    }
    static constexpr auto takes = all_takes(std::index_sequence_for<Events...>{});

    static constexpr bool has(event_set set, std::size_t event) { return (set >> event & 1U) != 0; }

    constexpr void add(event_set set, end const& at, std::uint32_t before, std::size_t last) {
        for (auto same = first_of_set_[set]; same != none; same = nodes_[same].next)
            if (nodes_[same].at == at)
                return;
        nodes_.push_back({set, at, before, first_of_set_[set], last});
        first_of_set_[set] = static_cast<std::uint32_t>(nodes_.size() - 1);
    }

    constexpr void explore(std::uint32_t number) {
        auto const set = nodes_[number].set;
        std::vector<std::pair<std::size_t, end>> next;
        for (std::size_t event = 0; event < count; ++event)
            if (!has(set, event) && admitted::admits(set, event))
                next.push_back({event, after(nodes_[number].at, event)});
        for (std::size_t first = 0; first < next.size(); ++first)
            for (std::size_t second = first + 1; second < next.size(); ++second)
                if (compare_orders(number, next[first], next[second]); found != difference::none)
                    return;
        for (auto const& [event, reached] : next) {
            if (compare_redeliveries(number, event, reached); found != difference::none)
                return;
            add(set | event_set{1} << event, reached, number, event);
        }
    }

    using step_to = std::pair<std::size_t, end>;

    constexpr void compare_orders(std::uint32_t number, step_to const& first, step_to const& second) {
        auto const set = nodes_[number].set;
        if (admitted::accepts_race(first.first, second.first) ||
            !admitted::admits(set | event_set{1} << first.first, second.first) ||
            !admitted::admits(set | event_set{1} << second.first, first.first))
            return;
        found = after(second.second, first.first).differs_from(after(first.second, second.first));
        if (found == difference::none)
            return;
        one = history_of(number);
        other = one;
        one.push_back(second.first);
        one.push_back(first.first);
        other.push_back(first.first);
        other.push_back(second.first);
    }

    /// After `event` has come, each event that was delivered comes again.
    constexpr void compare_redeliveries(std::uint32_t number, std::size_t event, end const& reached) {
        auto const set = nodes_[number].set | event_set{1} << event;
        for (std::size_t again = 0; again < count; ++again) {
            if (!has(set, again) || admitted::counts[again] ||
                (again != event && admitted::races_with_any(set, again)))
                continue;
            found = reached.differs_from(after(reached, again));
            if (found == difference::none)
                continue;
            of_a_redelivery = true;
            one = history_of(number);
            one.push_back(event);
            other = one;
            other.push_back(again);
            return;
        }
    }

    constexpr std::vector<std::size_t> history_of(std::uint32_t number) const {
        std::vector<std::size_t> backwards;
        for (; nodes_[number].before != none; number = nodes_[number].before)
            backwards.push_back(nodes_[number].last);
        return {backwards.rbegin(), backwards.rend()};
    }

    std::tuple<Events...> const* events_;
    std::vector<node> nodes_;
    std::vector<std::uint32_t> first_of_set_;
};

} // namespace detail

} // namespace converge
