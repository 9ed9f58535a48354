// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/declare/condition_evaluation.hpp>
#include <converge/run/commands.hpp>
#include <converge/run/effects.hpp>
#include <converge/run/instance.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// What stands of the effects of an instance under the old declaration, and what the new one adds or takes
// back, so that the same stands as if the new declaration had sent everything.
//
// An effect of the new declaration goes on from one of the old whose command has the same wire name; of
// several, from one that asks for exactly the same where there is one. What only the old declaration has,
// stays done.
namespace converge::detail {

/// The command of an effect whose condition holds, and its wire name. Of an amount that is adjusted: the
/// whole of it, if there is any. Deadlines have none: see migrated_deadlines.hpp.
template <class Effect> struct standing_command;

template <class Condition, class Command> struct standing_command<effect<Condition, Command, irreversible>> {
    static constexpr std::string_view name = wire_name_of<Command>;
    template <class Process>
    static std::optional<recorded_command> of(instance_view<Process> const& instance) {
        return record_command(build<Command>(instance_key{instance.key}));
    }
};
template <class Condition, class Command, class Undo>
struct standing_command<effect<Condition, Command, undone_by<Undo>>> {
    static constexpr std::string_view name = wire_name_of<Command>;
    template <class Process>
    static std::optional<recorded_command> of(instance_view<Process> const& instance) {
        return record_command(build<Command>(instance));
    }
};
template <class Condition, class Command, auto Quantity, auto Reclaimed>
struct standing_command<effect<Condition, Command, adjusted_by<Quantity, Reclaimed>>> {
    static constexpr std::string_view name = wire_name_of<Command>;
    template <class Process>
    static std::optional<recorded_command> of(instance_view<Process> const& instance) {
        auto const command = build<Command>(instance);
        return command.*Quantity > 0 ? std::optional{record_command(command)} : std::nullopt;
    }
};
template <class Condition, class Event, period After>
struct standing_command<effect<Condition, deadline<Event, After>, irreversible>> {
    static constexpr std::string_view name{};
    template <class Process> static std::optional<recorded_command> of(instance_view<Process> const&) {
        return std::nullopt;
    }
};

/// Of each effect of a process, in their order: the command that stands.
template <class Process, class... Effects>
std::vector<std::optional<recorded_command>>
find_standing(instance_view<Process> const& instance, boost::mp11::mp_list<Effects...>) {
    std::vector<std::optional<recorded_command>> found;
    found.reserve(sizeof...(Effects));
    [[maybe_unused]] auto const one = [&]<class Effect>(std::type_identity<Effect>) {
        found.push_back(
            condition_holds<Process, typename Effect::condition>(instance.states, instance.data)
                ? standing_command<Effect>::of(instance)
                : std::nullopt);
    };
    (one(std::type_identity<Effects>{}), ...);
    return found;
}

/// What one effect of the new declaration sends when an instance comes to it in which `before` stands.
/// Returns why that is not possible; empty: it is.
template <class Effect> struct effect_migration;

template <class Condition, class Command> struct effect_migration<effect<Condition, Command, irreversible>> {
    template <class Process>
    static std::string apply(
        instance_view<Process> const& instance, std::optional<std::string> const& before, bool is,
        std::vector<recorded_command>& out) {
        if (before && !is)
            return "the command '" + std::string{wire_name_of<Command>} +
                   "' was sent and cannot be undone, and the new declaration, which does not ask for it "
                   "there, might send it again";
        if (!before && is)
            out.push_back(record_command(build<Command>(instance_key{instance.key})));
        return {};
    }
};

/// The command that stands, as the new declaration reads it.
template <class Command>
decode_result<std::optional<Command>> read_standing(std::optional<std::string> const& before) {
    if (!before)
        return std::optional<Command>{};
    auto decoded = json_codec{}.decode<Command>(*before);
    if (!decoded)
        return decoded.error();
    return std::optional<Command>{std::move(*decoded)};
}
template <class Command> std::string text_of_unreadable(decode_error const& error) {
    return "the command '" + std::string{wire_name_of<Command>} +
           "' that was sent cannot be read as the new declaration's: " + error.what();
}

template <class Condition, class Command, class Undo>
struct effect_migration<effect<Condition, Command, undone_by<Undo>>> {
    template <class Process>
    static std::string apply(
        instance_view<Process> const& instance, std::optional<std::string> const& before, bool is,
        std::vector<recorded_command>& out) {
        auto const old = read_standing<Command>(before);
        if (!old)
            return text_of_unreadable<Command>(old.error());
        std::optional<Command> wanted;
        if (is)
            wanted = build<Command>(instance);
        if (*old && wanted && equal_fields(**old, *wanted))
            return {};
        if (*old)
            out.push_back(record_command(build_undo<Command, Undo>(instance.key, **old)));
        if (wanted)
            out.push_back(record_command(*wanted));
        return {};
    }
};

template <class Condition, class Command, auto Quantity, auto Reclaimed>
struct effect_migration<effect<Condition, Command, adjusted_by<Quantity, Reclaimed>>> {
    template <class Process>
    static std::string apply(
        instance_view<Process> const& instance, std::optional<std::string> const& before, bool is,
        std::vector<recorded_command>& out) {
        using quantity = typename member_of<decltype(Quantity)>::value;
        using reclaim = typename adjusted_by<Quantity, Reclaimed>::command;
        auto const old = read_standing<Command>(before);
        if (!old)
            return text_of_unreadable<Command>(old.error());
        auto const old_quantity = *old ? std::max(quantity{0}, (**old).*Quantity) : quantity{0};
        auto const new_quantity =
            is ? std::max(quantity{0}, build<Command>(instance).*Quantity) : quantity{0};
        if (new_quantity > old_quantity) {
            auto command = build<Command>(instance);
            command.*Quantity = static_cast<quantity>(new_quantity - old_quantity);
            out.push_back(record_command(command));
        } else if (new_quantity < old_quantity) {
            auto command = build<reclaim>(instance);
            command.*Reclaimed =
                static_cast<typename member_of<decltype(Reclaimed)>::value>(old_quantity - new_quantity);
            out.push_back(record_command(command));
        }
        return {};
    }
};

template <class Condition, class Event, period After>
struct effect_migration<effect<Condition, deadline<Event, After>, irreversible>> {
    template <class Process>
    static std::string apply(
        instance_view<Process> const&, std::optional<std::string> const&, bool,
        std::vector<recorded_command>&) {
        return {};
    }
};

/// Finds for each new effect the old command that it goes on from. First those that stay exactly as they are,
/// then those that are still wanted, then those that are to be undone.
inline std::vector<std::optional<std::string>> pair_effects(
    std::vector<std::optional<recorded_command>> standing, std::span<std::string_view const> names,
    std::vector<std::optional<recorded_command>> const& wanted) {
    std::vector<std::optional<std::string>> paired(wanted.size());
    auto const pass = [&](auto const& may_take) {
        for (std::size_t at = 0; at < wanted.size(); ++at)
            for (auto& old : standing)
                if (!paired[at] && old && old->name == names[at] && may_take(wanted[at], *old)) {
                    paired[at] = std::move(old->payload);
                    old.reset();
                }
    };
    pass([](auto const& now, recorded_command const& old) { return now && now->payload == old.payload; });
    pass([](auto const& now, recorded_command const&) { return now.has_value(); });
    pass([](auto const&, recorded_command const&) { return true; });
    return paired;
}

/// Adds the commands that bring what stands in an old instance in line with what the new declaration asks
/// for. Returns why that is not possible; empty: it is.
template <class Old, class New, class... Effects>
std::string migrate_effects(
    instance_view<Old> const& before, instance_view<New> const& after, std::vector<recorded_command>& out,
    boost::mp11::mp_list<Effects...> effects) {
    constexpr std::array<std::string_view, sizeof...(Effects)> names{standing_command<Effects>::name...};
    auto const wanted = find_standing(after, effects);
    auto const paired = pair_effects(find_standing(before, effects_of<Old>{}), names, wanted);
    std::string obstacle;
    std::size_t number = 0;
    [[maybe_unused]] auto const one = [&]<class Effect>(std::type_identity<Effect>) {
        auto const at = number++;
        if (obstacle.empty())
            obstacle = effect_migration<Effect>::apply(after, paired[at], wanted[at].has_value(), out);
    };
    (one(std::type_identity<Effects>{}), ...);
    return obstacle;
}

} // namespace converge::detail
