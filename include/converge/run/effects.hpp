// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>
#include <converge/run/commands.hpp>
#include <converge/run/instance.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// An instance before and after one event, and what the difference asks for.
template <class Process> struct reconciliation {
    std::string_view key;
    instance_state<Process> const& before;
    instance_state<Process>& after;
    timestamp at{}; // when the event was recorded: deadlines count from there
    std::vector<recorded_command>& commands;

    instance_view<Process> view_before() const { return {key, before.states, before.data}; }
    instance_view<Process> view_after() const { return {key, after.states, after.data}; }
};

/// What one effect sends when its condition or value changes.
template <class Effect> struct effect_change;

// Without compensation: sent once, when the condition becomes true, which nothing can falsify.
template <class Condition, class Command> struct effect_change<effect<Condition, Command, irreversible>> {
    template <class Process>
    static void apply(reconciliation<Process>& change, std::uint32_t, bool was, bool is) {
        if (!was && is)
            change.commands.push_back(record_command(build<Command>(instance_key{change.key})));
    }
};

template <class Command, class Undo> Undo build_undo(std::string_view key, Command const& undone) {
    if constexpr (requires { Undo::undoing(undone); })
        return Undo::undoing(undone);
    else
        return build<Undo>(instance_key{key});
}

template <class Condition, class Command, class Undo>
struct effect_change<effect<Condition, Command, undone_by<Undo>>> {
    template <class Process>
    static void apply(reconciliation<Process>& change, std::uint32_t, bool was, bool is) {
        if (!was && !is)
            return;
        constexpr bool follows_data = built_by_from<Command, instance_view<Process>>;
        if (was && is) {
            if constexpr (follows_data) {
                auto const old_one = build<Command>(change.view_before());
                auto const new_one = build<Command>(change.view_after());
                if (equal_fields(old_one, new_one))
                    return;
                change.commands.push_back(record_command(build_undo<Command, Undo>(change.key, old_one)));
                change.commands.push_back(record_command(new_one));
            }
        } else if (was) {
            change.commands.push_back(
                record_command(build_undo<Command, Undo>(change.key, build<Command>(change.view_before()))));
        } else {
            change.commands.push_back(record_command(build<Command>(change.view_after())));
        }
    }
};

template <class Condition, class Command, auto Quantity, auto Reclaimed>
struct effect_change<effect<Condition, Command, adjusted_by<Quantity, Reclaimed>>> {
    static_assert(
        std::same_as<typename member_of<decltype(Quantity)>::owner, Command>,
        "the first argument of adjusted_by is a member of the effect's command");

    template <class Process>
    static void apply(reconciliation<Process>& change, std::uint32_t, bool was, bool is) {
        using quantity = typename member_of<decltype(Quantity)>::value;
        using reclaim = typename adjusted_by<Quantity, Reclaimed>::command;
        if (!was && !is)
            return;
        auto const old_quantity =
            was ? std::max(quantity{0}, build<Command>(change.view_before()).*Quantity) : quantity{0};
        auto const new_quantity =
            is ? std::max(quantity{0}, build<Command>(change.view_after()).*Quantity) : quantity{0};
        if (new_quantity > old_quantity) {
            auto command = build<Command>(change.view_after());
            command.*Quantity = static_cast<quantity>(new_quantity - old_quantity);
            change.commands.push_back(record_command(command));
        } else if (new_quantity < old_quantity) {
            auto command = build<reclaim>(change.view_after());
            command.*Reclaimed =
                static_cast<typename member_of<decltype(Reclaimed)>::value>(old_quantity - new_quantity);
            change.commands.push_back(record_command(command));
        }
    }
};

template <class Condition, class Event, period After>
struct effect_change<effect<Condition, deadline<Event, After>, irreversible>> {
    template <class Process>
    static void apply(reconciliation<Process>& change, std::uint32_t number, bool was, bool is) {
        auto& pending = change.after.deadlines;
        if (was && !is)
            std::erase_if(pending, [number](auto const& each) { return each.effect == number; });
        if (was || !is)
            return;
        pending_deadline made{number, {}, change.at + std::chrono::microseconds{After.microseconds}, {}};
        json_codec{}.encode(build<Event>(change.view_after()), made.payload);
        pending.push_back(std::move(made));
    }
};

/// Compares each effect's condition and value before and after, and adds the commands and deadlines that
/// bring what stands in line with what is desired. Complexity: linear in the number of effects.
template <class Process, class... Effects>
void reconcile_effects(reconciliation<Process>& change, boost::mp11::mp_list<Effects...>) {
    [[maybe_unused]] std::uint32_t number = 0;
    [[maybe_unused]] auto one = [&]<class Effect>(std::type_identity<Effect>) {
        using condition = typename Effect::condition;
        effect_change<Effect>::apply(
            change, number++,
            change.before.version != 0 &&
                condition_holds<Process, condition>(change.before.states, change.before.data),
            condition_holds<Process, condition>(change.after.states, change.after.data));
    };
    (one(std::type_identity<Effects>{}), ...);
}

} // namespace converge::detail
