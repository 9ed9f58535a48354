// SPDX-License-Identifier: MIT
#pragma once

#include "drawn_process.hpp"

#include <random>
#include <utility>

namespace drawn {

/// What the processes of a class of draws may have.
struct drawing {
    std::size_t machines = 1; // at most
    std::size_t events = 3;
    bool environment = false;
    bool conditions = false; // else the states themselves are observed
    bool races = false;      // accepted ones
    bool bystanders = false; // machines that are not explored, events that no machine knows
};

/// Draws processes that often converge, or nearly: wholly random ones hardly ever do, and a test would see
/// one side only.
class process_drawer {
public:
    process_drawer(std::uint32_t seed, drawing const& options) : random_{seed}, options_{options} {}

    process draw() {
        process made;
        made.events = 2 + below(options_.events - 1);
        made.commands = chance(2) ? 0 : 1 + below(maximum_commands);
        draw_letters(made);
        auto const machines = 1 + below(options_.machines);
        for (std::size_t at = 0; at < machines; ++at)
            made.machines.push_back(draw_machine(made, machines));
        if (options_.bystanders && machines > 1 && chance(3))
            made.machines[below(machines)].explored = false;
        if (options_.environment)
            draw_rules(made);
        for (auto left = options_.races ? 1 + below(2) : 0; left > 0; --left)
            made.accepted.push_back({event_of(made), event_of(made)});
        draw_observation(made);
        made.compose();
        return made;
    }

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }
    event_index event_of(process const& in) { return static_cast<event_index>(below(in.events)); }

    void draw_letters(process& made) {
        for (std::size_t event = 0; event < made.events; ++event) {
            auto const guards = chance(5) ? (chance(4) ? 2U : 1U) : 0U;
            if (made.letters.size() + (1U << guards) + (made.events - event - 1) <= maximum_letters - 2)
                made.guards[event] = guards;
            for (std::size_t outcome = 0; outcome < (std::size_t{1} << made.guards[event]); ++outcome)
                made.letters.push_back({event, outcome});
            made.repeats[event] = chance(5);
        }
    }

    /// Ways of moving; the first ones commute, of those the first are idempotent.
    enum class family : std::uint8_t { join, bits, saturating, turning, first_wins, last_wins, random };

    family draw_family(bool repeating) {
        auto const at = below(20);
        return at < 7    ? family::join
               : at < 10 ? family::bits
               : at < 12 ? (repeating || chance(3) ? family::saturating : family::join)
               : at < 14 ? (repeating || chance(3) ? family::turning : family::bits)
               : at < 16 ? family::first_wins
               : at < 18 ? family::last_wins
                         : family::random;
    }

    std::size_t target(family of, std::size_t states, std::size_t from, std::size_t aim) {
        switch (of) {
        case family::join: return std::max(from, aim);
        case family::bits: return from | aim;
        case family::saturating: return std::min(from + aim, states - 1);
        case family::turning: return (from + aim) % states;
        case family::first_wins: return from == 0 ? aim : from;
        case family::last_wins: return aim;
        case family::random: break;
        }
        return below(states);
    }

    machine draw_machine(process const& in, std::size_t machines) {
        machine made;
        bool repeating = false;
        for (std::size_t event = 0; event < in.events; ++event)
            repeating = repeating || in.repeats[event];
        auto const of = draw_family(repeating);
        made.states = of == family::bits ? (chance(2) ? 2 : 4) : 2 + below(machines == 3 ? 3 : 4);
        made.initial = chance(4) ? below(made.states) : 0;
        for (std::size_t event = 0; event < in.events; ++event) {
            made.knows[event] = machines == 1 ? !(options_.bystanders && chance(5)) : !chance(3);
            made.guards_read[event] = below(std::size_t{1} << in.guards[event]);
            if (chance(2))
                made.guards_read[event] = (std::size_t{1} << in.guards[event]) - 1;
        }
        for (std::size_t number = 0; number < in.letters.size(); ++number) {
            auto const aim = below(made.states);
            for (std::size_t state = 0; state < made.states; ++state)
                made.reactions[number][state].to = target(of, made.states, state, aim);
        }
        draw_commands(in, made);
        for (auto changes = chance(2) ? 0 : 1 + below(2); changes > 0; --changes)
            mutate(in, made);
        forget_unread_guards(in, made);
        return made;
    }

    /// Commands that depend on where a step begins and ends alone commute: those of a shipment that is sent
    /// on arriving at a state and recalled on leaving it. Those that each delivery sends commute too.
    void draw_commands(process const& in, machine& made) {
        if (chance(3))
            return;
        std::array<net_commands, maximum_states> standing{};
        for (auto& each : standing)
            for (auto& command : each)
                command = static_cast<int>(below(2));
        auto const each_time = chance(5);
        for (std::size_t number = 0; number < in.letters.size(); ++number) {
            auto const constant = static_cast<int>(below(3)) - 1;
            for (std::size_t state = 0; state < made.states; ++state)
                for (std::size_t command = 0; command < in.commands; ++command) {
                    auto& taken = made.reactions[number][state];
                    taken.net[command] =
                        each_time ? constant : standing[taken.to][command] - standing[state][command];
                }
        }
    }

    void mutate(process const& in, machine& made) {
        auto& changed = made.reactions[below(in.letters.size())][below(made.states)];
        if (in.commands == 0 || chance(2))
            changed.to = below(made.states);
        else
            changed.net[below(in.commands)] = static_cast<int>(below(3)) - 1;
    }

    static void forget_unread_guards(process const& in, machine& made) {
        for (std::size_t number = 0; number < in.letters.size(); ++number) {
            auto const [event, outcome] = in.letters[number];
            made.reactions[number] =
                made.reactions[number - outcome + (outcome & made.guards_read[event])];
        }
    }

    void draw_rules(process& made) {
        for (auto left = 1 + below(3); left > 0; --left) {
            auto const first = event_of(made);
            auto const second = event_of(made);
            auto const kind = static_cast<rule_kind>(below(3));
            if (kind == rule_kind::at_most) {
                auto const limit = chance(12) ? 0U : chance(3) ? 2U : 1U;
                made.rules.push_back({kind, first, 0, static_cast<std::uint16_t>(limit)});
            } else if (first != second) {
                made.rules.push_back({kind, first, second, 0});
            }
        }
    }

    /// Conditions of effects: each asks machines whether they are in one of some states, and holds when all,
    /// or any, say yes.
    struct condition {
        bool any = false;
        std::array<unsigned, maximum_machines> states{}; // of each machine, a set of them; 0: not asked
    };

    void draw_observation(process& made) {
        made.seen_as.resize(made.vectors_of_states());
        std::vector<condition> conditions(options_.conditions ? 1 + below(3) : 0);
        for (auto& each : conditions) {
            each.any = chance(2);
            for (std::size_t at = 0; at < made.machines.size(); ++at)
                if (made.machines[at].explored && !chance(3))
                    each.states[at] = static_cast<unsigned>(below(std::size_t{1} << made.machines[at].states));
        }
        for (std::size_t number = 0; number < made.seen_as.size(); ++number)
            made.seen_as[number] = options_.conditions ? seen(made, conditions, number)
                                                       : static_cast<unsigned>(number);
    }
    static unsigned
    seen(process const& in, std::vector<condition> const& conditions, std::size_t number) {
        unsigned made = 0;
        for (auto const& each : conditions) {
            bool all = true;
            bool any = false;
            auto rest = number;
            for (std::size_t at = 0; at < in.machines.size(); ++at) {
                bool const in_set = ((each.states[at] >> (rest % in.machines[at].states)) & 1U) != 0;
                all = all && (in_set || each.states[at] == 0);
                any = any || in_set;
                rest /= in.machines[at].states;
            }
            made = 2 * made + ((each.any ? any : all) ? 1U : 0U);
        }
        return made;
    }

    std::mt19937 random_;
    drawing options_;
};

} // namespace drawn
