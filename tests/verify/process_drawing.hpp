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
    bool secrets = false;    // orders that differ in the states long before it is seen
    bool bystanders = false; // machines that are not explored, events that no machine knows
};

/// Draws processes that often converge, or nearly: wholly random ones hardly ever do, and a test would see
/// one side only.
class process_drawer {
public:
    process_drawer(std::uint32_t seed, drawing const& options) : random_{seed}, options_{options} {}

    process draw() {
        process made;
        made.events = options_.secrets ? options_.events : 2 + below(options_.events - 1);
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
            made.repeats[event] = chance(options_.secrets && event >= 2 ? 2 : 5);
        }
        if (chance(8))
            made.repeats.fill(true);
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
        case family::join:
            return std::max(from, aim);
        case family::bits:
            return from | aim;
        case family::saturating:
            return std::min(from + aim, states - 1);
        case family::turning:
            return (from + aim) % states;
        case family::first_wins:
            return from == 0 ? aim : from;
        case family::last_wins:
            return aim;
        default:
            return below(states);
        }
    }

    machine draw_machine(process const& in, std::size_t machines) {
        machine made;
        for (std::size_t event = 0; event < in.events; ++event) {
            made.knows[event] = machines == 1 ? !(options_.bystanders && chance(5)) : !chance(3);
            made.guards_read[event] = below(std::size_t{1} << in.guards[event]);
            if (chance(2))
                made.guards_read[event] = (std::size_t{1} << in.guards[event]) - 1;
        }
        auto const most = machines == 1 ? 8U : machines == 2 ? 6U : 4U;
        if (options_.secrets ? !chance(4) : options_.conditions && chance(6))
            draw_secret(in, made, most);
        else
            draw_moves(in, made, most);
        draw_commands(in, made);
        for (auto changes = chance(2) ? 0 : 1 + below(2); changes > 0; --changes)
            mutate(in, made);
        forget_unread_guards(in, made);
        return made;
    }

    /// First between kinds of states, then each kind becomes several states that only differ in what they
    /// are: where the kinds converge, nothing that looks at kinds tells two orders apart.
    void draw_moves(process const& in, machine& made, std::size_t most) {
        auto const repeating =
            std::any_of(in.repeats.begin(), in.repeats.end(), [](bool each) { return each; });
        auto const of = draw_family(repeating);
        auto const kinds = of == family::bits ? (chance(2)                ? 2U
                                                 : most == 8 && chance(2) ? 8U
                                                                          : 4U)
                                              : 2 + below(std::min<std::size_t>(most, 5) - 1);
        made.states = kinds;
        if (options_.conditions ? !chance(3) : chance(10))
            made.states += below(most - kinds + 1);
        for (std::size_t state = 0; state < made.states; ++state)
            made.kind[state] = state < kinds ? state : below(kinds);
        made.initial = chance(4) ? below(made.states) : 0;
        for (std::size_t number = 0; number < in.letters.size(); ++number) {
            auto aim = below(kinds);
            if (of == family::bits && kinds == 8 && !chance(4))
                aim = std::size_t{1} << below(3);
            for (std::size_t state = 0; state < made.states; ++state)
                made.reactions[number][state].to =
                    one_of_kind(made, target(of, kinds, made.kind[state], aim), state);
        }
    }

    /// The first event leaves a secret, which later ones pass on from stage to stage, and the last stage
    /// shows it: orders differ long before it is seen. State 0, then two a stage.
    void draw_secret(process const& in, machine& made, std::size_t most) {
        auto const stages = (most - 2) / 2 - below(most / 4);
        made.states = 1 + 2 * stages;
        auto const shown = made.states - 2;
        auto const secrets = chance(4) ? 1U : 2U;
        for (std::size_t state = 0; state < made.states; ++state)
            made.kind[state] = state < shown ? 0 : 1 + state - shown;
        for (std::size_t number = 0; number < in.letters.size(); ++number) {
            auto const begins = in.letters[number].event < 2;
            made.reactions[number][0].to = begins ? 1 + below(secrets) : 0;
            for (std::size_t state = 1; state < made.states; ++state)
                made.reactions[number][state].to = begins || state >= shown ? state : state + 2;
            if (begins && secrets == 1) // coming again turns it round
                made.reactions[number][1].to = 2;
            if (!begins && !in.repeats[in.letters[number].event]) // passes on at one stage alone
                for (std::size_t state = 1, stage = below(stages); state < made.states; ++state)
                    if ((state - 1) / 2 != stage)
                        made.reactions[number][state].to = state;
        }
    }
    std::size_t one_of_kind(machine const& in, std::size_t kind, std::size_t preferred) {
        if (in.kind[preferred] == kind && !chance(4))
            return preferred;
        std::array<std::size_t, maximum_states> found{};
        std::size_t size = 0;
        for (std::size_t state = 0; state < in.states; ++state)
            if (in.kind[state] == kind)
                found[size++] = state;
        return found[below(size)];
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
                    taken.net[command] = each_time ? constant
                                                   : standing[made.kind[taken.to]][command] -
                                                         standing[made.kind[state]][command];
                }
        }
    }

    void mutate(process const& in, machine& made) {
        auto const state = std::max(below(made.states), below(made.states)); // rather a late one
        auto& changed = made.reactions[below(in.letters.size())][state];
        if (in.commands == 0 || chance(2))
            changed.to = below(made.states);
        else
            changed.net[below(in.commands)] = static_cast<int>(below(3)) - 1;
    }

    static void forget_unread_guards(process const& in, machine& made) {
        for (std::size_t number = 0; number < in.letters.size(); ++number) {
            auto const [event, outcome] = in.letters[number];
            made.reactions[number] = made.reactions[number - outcome + (outcome & made.guards_read[event])];
        }
    }

    void draw_rules(process& made) {
        for (std::size_t later = 2; options_.secrets && later < made.events; ++later)
            if (!chance(5))
                made.rules.push_back(
                    {rule_kind::happens_before, static_cast<event_index>(below(2)),
                     static_cast<event_index>(later), 0});
        for (auto left = (options_.secrets ? 0 : 1) + below(3); left > 0; --left) {
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
                    each.states[at] = draw_states(made.machines[at]);
        }
        for (std::size_t number = 0; number < made.seen_as.size(); ++number)
            made.seen_as[number] =
                options_.conditions ? seen(made, conditions, number) : static_cast<unsigned>(number);
    }
    /// Mostly all of some kinds, often of a single one.
    unsigned draw_states(machine const& in) {
        if (chance(8))
            return static_cast<unsigned>(below(std::size_t{1} << in.states));
        auto const kinds =
            chance(2) ? std::size_t{1} << in.kind[below(in.states)] : below(std::size_t{1} << in.states);
        unsigned made = 0;
        for (std::size_t state = 0; state < in.states; ++state)
            if (((kinds >> in.kind[state]) & 1U) != 0)
                made |= 1U << state;
        return made;
    }

    static unsigned seen(process const& in, std::vector<condition> const& conditions, std::size_t number) {
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
