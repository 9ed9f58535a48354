// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>
#include <converge/declare/process_parts.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace converge {

/// Index of an event in `events_of<Process>`.
using event_index = std::uint16_t;

namespace detail {

inline constexpr std::size_t maximum_process_guards = 8;

/// One machine that a letter moves: its new state is `next[offset + old state]`.
struct letter_target {
    std::uint16_t machine = 0;
    std::uint32_t offset = 0;
};

/// An event of a process: its guards (of all machines together), its first letter.
struct event_entry {
    type_identity event = nullptr;
    std::array<type_identity, maximum_process_guards> guards{};
    std::uint8_t guard_count = 0;
    std::uint32_t letter_base = 0;
    std::uint16_t module = 0;
    bool known = false; // by some machine
};

struct process_sizes {
    std::size_t events = 0;
    std::size_t letters = 0;
    std::size_t targets = 0;
    std::size_t cells = 0;
};

template <class Process, std::size_t Events> struct event_entries {
    std::array<event_entry, Events> events{};
    process_sizes sizes{};
    bool too_many_guards = false;

    template <class Table> constexpr void note_machine(Table const& table) {
        sizes.cells += table.next.size();
        for (std::size_t at = 0; at < table.events.size(); ++at)
            for (auto& each : events)
                if (each.event == table.events[at])
                    note_event(each, table, at);
    }

    template <class Table> constexpr void note_event(event_entry& entry, Table const& table, std::size_t at) {
        entry.known = true;
        for (std::size_t guard = 0; guard < table.guard_counts[at]; ++guard) {
            auto const found = find_identity(entry.guards, entry.guard_count, table.guards[at][guard]);
            if (found < entry.guard_count)
                continue;
            if (entry.guard_count == maximum_process_guards)
                too_many_guards = true;
            else
                entry.guards[entry.guard_count++] = table.guards[at][guard];
        }
    }

    template <class Table> constexpr void count_targets(Table const& table) {
        for (auto const& each : events)
            if (find_identity(table.events, table.events.size(), each.event) < table.events.size())
                sizes.targets += std::size_t{1} << each.guard_count;
    }
};

template <class Process, class... Modules, class... Machines>
consteval auto collect_events(boost::mp11::mp_list<Modules...>, boost::mp11::mp_list<Machines...>) {
    constexpr auto all = identities(events_of<Process>{});
    event_entries<Process, all.size()> found;
    std::size_t at = 0;
    std::uint16_t module = 0;
    auto note_module = [&](std::size_t size) {
        for (std::size_t last = at + size; at < last; ++at) {
            found.events[at].event = all[at];
            found.events[at].module = module;
        }
        ++module;
    };
    (note_module(boost::mp11::mp_size<typename Modules::events>::value), ...);
    (found.note_machine(table_of<Machines>), ...);
    for (auto& each : found.events) {
        each.letter_base = static_cast<std::uint32_t>(found.sizes.letters);
        found.sizes.letters += std::size_t{1} << each.guard_count;
    }
    (found.count_targets(table_of<Machines>), ...);
    return found;
}

} // namespace detail

/// A process as data. A letter of the process is an event together with the outcomes of all guards on it, in
/// whatever machine; it moves the machines that know the event. One load a machine moves an instance:
/// `states[m] = next[offset + states[m]]`.
template <std::size_t Events, std::size_t Letters, std::size_t Targets, std::size_t Cells>
struct process_table {
    static constexpr std::size_t letter_count = Letters;

    std::array<detail::event_entry, Events> events{};
    std::array<std::uint32_t, Letters + 1>
        first_target{}; ///< targets of letter l: [first_target[l], first_target[l + 1])
    std::array<detail::letter_target, Targets> targets{};
    std::array<state_index, Cells> next{};
    std::array<event_index, Letters> event_of_letter{};
    bool too_many_guards = false;
};

namespace detail {

/// The letter of a machine that a letter of the process is, for an event with other guards besides.
template <class Table>
constexpr std::size_t
machine_letter(Table const& table, std::size_t event, event_entry const& entry, std::size_t outcome) {
    std::size_t letter = table.letter_base[event];
    for (std::size_t bit = 0; bit < table.guard_counts[event]; ++bit)
        if ((outcome >> find_identity(entry.guards, entry.guard_count, table.guards[event][bit])) & 1U)
            letter += std::size_t{1} << bit;
    return letter;
}

template <class Process, class... Machines>
consteval auto build_process_table(boost::mp11::mp_list<Machines...> machines) {
    constexpr auto found = collect_events<Process>(modules_of<Process>{}, machines);
    constexpr auto sizes = found.sizes;
    process_table<found.events.size(), sizes.letters, sizes.targets, sizes.cells> table;
    table.events = found.events;
    table.too_many_guards = found.too_many_guards;

    std::array<std::uint32_t, sizeof...(Machines) + 1> cells_before{};
    std::size_t machine = 0;
    auto copy = [&](auto const& from) {
        std::copy_n(from.next.begin(), from.next.size(), table.next.begin() + cells_before[machine]);
        cells_before[machine + 1] = cells_before[machine] + static_cast<std::uint32_t>(from.next.size());
        ++machine;
    };
    (copy(table_of<Machines>), ...);

    std::size_t letter = 0;
    std::size_t target = 0;
    for (std::size_t event = 0; event < table.events.size(); ++event) {
        auto const& entry = table.events[event];
        for (std::size_t outcome = 0; outcome < (std::size_t{1} << entry.guard_count); ++outcome, ++letter) {
            table.first_target[letter] = static_cast<std::uint32_t>(target);
            table.event_of_letter[letter] = static_cast<event_index>(event);
            std::size_t number = 0;
            auto aim = [&](auto const& of_machine) {
                auto const at = find_identity(of_machine.events, of_machine.events.size(), entry.event);
                if (at < of_machine.events.size())
                    table.targets[target++] = {
                        static_cast<std::uint16_t>(number),
                        cells_before[number] +
                            static_cast<std::uint32_t>(
                                machine_letter(of_machine, at, entry, outcome) * of_machine.state_count)};
                ++number;
            };
            (aim(table_of<Machines>), ...);
        }
    }
    table.first_target[letter] = static_cast<std::uint32_t>(target);
    return table;
}

template <class... Machines> consteval auto initial_states_of(boost::mp11::mp_list<Machines...>) {
    return std::array<state_index, sizeof...(Machines)>{table_of<Machines>.initial...};
}

} // namespace detail

/// The table of a process.
template <class Process>
inline constexpr auto process_table_of = detail::build_process_table<Process>(machines_of<Process>{});

/// The states in which an instance begins.
template <class Process>
inline constexpr machine_states<Process> initial_states = detail::initial_states_of(machines_of<Process>{});

/// The index of an event type in the process's tables; the number of events if no module that is read has it.
template <class Process, class Event>
inline constexpr std::size_t event_index_of = boost::mp11::mp_find<events_of<Process>, Event>::value;

/// Moves the machines by a letter of the process. Complexity: one load for each machine that knows the
/// letter's event.
template <class Process>
constexpr void take_letter(machine_states<Process>& states, std::size_t letter) noexcept {
    auto const& table = process_table_of<Process>;
    for (auto at = table.first_target[letter]; at < table.first_target[letter + 1]; ++at) {
        auto const& target = table.targets[at];
        states[target.machine] = table.next[target.offset + states[target.machine]];
    }
}

} // namespace converge
