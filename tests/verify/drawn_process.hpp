// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/composition_view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <vector>

// A process as a test draws it, kept apart from the tables that the checks read.
namespace drawn {

using converge::event_index;
using converge::state_index;
using converge::detail::accepted_pair;
using converge::detail::composition_view;
using converge::detail::environment_rule;
using converge::detail::letter_target;
using converge::detail::rule_kind;

inline constexpr std::size_t maximum_machines = 3;
inline constexpr std::size_t maximum_states = 8;
inline constexpr std::size_t maximum_events = 4;
inline constexpr std::size_t maximum_letters = 8;
inline constexpr std::size_t maximum_commands = 2;

/// Commands sent, less those undone.
using net_commands = std::array<int, maximum_commands>;

/// What a machine does in a state.
struct reaction {
    std::size_t to = 0;
    net_commands net{};
};

/// A letter: an event with the outcome of its guards, bit i for guard i.
struct letter {
    std::size_t event = 0;
    std::size_t outcome = 0;
};

struct machine {
    std::size_t states = 1;
    std::size_t initial = 0;
    bool explored = true;
    std::array<std::size_t, maximum_states> kind{}; // states of one kind are meant to be seen as one
    std::array<bool, maximum_events> knows{};
    std::array<std::size_t, maximum_events> guards_read{}; // bit i: its rows look at guard i of the event
    std::array<std::array<reaction, maximum_states>, maximum_letters> reactions{}; // [letter][state]
};

/// Machines side by side. The states of all of them are one number, the first machine's is the lowest digit;
/// `seen_as` says what is observed of it.
struct process {
    std::vector<machine> machines;
    std::vector<letter> letters; // those of an event next to each other
    std::array<std::size_t, maximum_events> guards{};
    std::size_t events = 0;
    std::size_t commands = 0;
    std::array<bool, maximum_events> repeats{};
    std::vector<environment_rule> rules;
    std::vector<accepted_pair> accepted;
    std::vector<unsigned> seen_as;

    std::size_t initial = 0;
    std::vector<std::vector<std::size_t>> after;  // [letter][states]
    std::vector<std::vector<net_commands>> sends; // [letter][states]

    std::size_t vectors_of_states() const {
        std::size_t number = 1;
        for (auto const& each : machines)
            number *= each.states;
        return number;
    }
    template <class States> std::size_t number_of(States const& states) const {
        std::size_t number = 0;
        for (auto at = machines.size(); at-- > 0;)
            number = number * machines[at].states + states[at];
        return number;
    }
    /// Makes `initial`, `after` and `sends` of the machines: each explored machine that knows the event
    /// moves.
    void compose() {
        std::array<std::size_t, maximum_machines> states{};
        for (std::size_t at = 0; at < machines.size(); ++at)
            states[at] = machines[at].initial;
        initial = number_of(states);
        after.assign(letters.size(), std::vector<std::size_t>(vectors_of_states()));
        sends.assign(letters.size(), std::vector<net_commands>(vectors_of_states()));
        for (std::size_t number = 0; number < vectors_of_states(); ++number)
            for (std::size_t at = 0; at < letters.size(); ++at)
                move(number, at);
    }

private:
    void move(std::size_t number, std::size_t by) {
        auto rest = number;
        std::size_t digit = 1;
        after[by][number] = number;
        for (auto const& each : machines) {
            auto const state = rest % each.states;
            rest /= each.states;
            if (each.explored && each.knows[letters[by].event]) {
                auto const& taken = each.reactions[by][state];
                after[by][number] += digit * taken.to - digit * state;
                for (std::size_t command = 0; command < commands; ++command)
                    sends[by][number][command] += taken.net[command];
            }
            digit *= each.states;
        }
    }
};

/// The tables of a process as the compiler would make them.
class tables {
public:
    explicit tables(process const& from) : from_{from} {
        for (std::size_t at = 0; at < from.machines.size(); ++at) {
            auto const& each = from.machines[at];
            state_counts_.push_back(each.states);
            initial_.push_back(static_cast<state_index>(each.initial));
            explored_[at] = each.explored;
        }
        for (std::size_t at = 0; at < from.letters.size(); ++at)
            add_letter(at);
        first_target_.push_back(static_cast<std::uint32_t>(targets_.size()));
    }
    tables(tables const&) = delete;
    tables& operator=(tables const&) = delete;

    composition_view view() const {
        return {
            state_counts_,
            initial_,
            std::span{explored_}.first(state_counts_.size()),
            first_target_,
            targets_,
            next_,
            net_,
            from_.commands,
            event_of_letter_,
            std::span{from_.repeats}.first(from_.events),
            from_.rules,
            from_.accepted};
    }

private:
    void add_letter(std::size_t number) {
        auto const [event, outcome] = from_.letters[number];
        event_of_letter_.push_back(static_cast<event_index>(event));
        first_target_.push_back(static_cast<std::uint32_t>(targets_.size()));
        for (std::size_t at = 0; at < from_.machines.size(); ++at) {
            auto const& moved = from_.machines[at];
            if (!moved.knows[event])
                continue;
            auto const seen = outcome & moved.guards_read[event];
            if (seen == outcome) { // a letter of the machine: the guards it does not read are false
                cells_[at][number] = static_cast<std::uint32_t>(next_.size());
                add_cells(moved, number);
            }
            targets_.push_back({static_cast<std::uint16_t>(at), cells_[at][number - outcome + seen]});
        }
    }
    void add_cells(machine const& moved, std::size_t number) {
        for (std::size_t state = 0; state < moved.states; ++state) {
            auto const& taken = moved.reactions[number][state];
            next_.push_back(static_cast<state_index>(taken.to));
            for (std::size_t command = 0; command < from_.commands; ++command)
                net_.push_back(static_cast<std::int8_t>(taken.net[command]));
        }
    }

    process const& from_;
    std::vector<std::size_t> state_counts_;
    std::vector<state_index> initial_;
    std::array<bool, maximum_machines> explored_{};
    std::vector<std::uint32_t> first_target_;
    std::vector<letter_target> targets_;
    std::vector<state_index> next_;
    std::vector<std::int8_t> net_;
    std::vector<event_index> event_of_letter_;
    std::array<std::array<std::uint32_t, maximum_letters>, maximum_machines> cells_{};
};

inline std::ostream& operator<<(std::ostream& out, environment_rule const& rule) {
    if (rule.kind == rule_kind::at_most)
        return out << "at most " << rule.limit << " of event " << rule.first;
    return out << "event " << rule.first
               << (rule.kind == rule_kind::happens_before ? " before event " : " excludes event ")
               << rule.second;
}

/// All that is needed to draw the process again by hand.
inline std::ostream& operator<<(std::ostream& out, process const& from) {
    for (std::size_t at = 0; at < from.letters.size(); ++at)
        out << "letter " << at << ": event " << from.letters[at].event << ", guards "
            << from.letters[at].outcome << (from.repeats[from.letters[at].event] ? ", repeats\n" : "\n");
    for (std::size_t at = 0; at < from.machines.size(); ++at) {
        auto const& each = from.machines[at];
        out << "machine " << at << ": " << each.states << " states, begins in " << each.initial
            << (each.explored ? "\n" : ", not explored\n");
        for (std::size_t number = 0; number < from.letters.size(); ++number) {
            if (!each.knows[from.letters[number].event])
                continue;
            out << "  by letter " << number << " from each state:";
            for (std::size_t state = 0; state < each.states; ++state) {
                out << ' ' << each.reactions[number][state].to;
                for (std::size_t command = 0; command < from.commands; ++command)
                    out << (command == 0 ? "(" : ",") << each.reactions[number][state].net[command]
                        << (command + 1 == from.commands ? ")" : "");
            }
            out << '\n';
        }
    }
    for (auto const& rule : from.rules)
        out << rule << '\n';
    for (auto const& race : from.accepted)
        out << "accepted race of events " << race.one << " and " << race.other << '\n';
    out << "seen of the vectors of states:";
    for (auto const each : from.seen_as)
        out << ' ' << each;
    return out << '\n';
}

} // namespace drawn
