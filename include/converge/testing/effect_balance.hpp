// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/commands.hpp>
#include <converge/run/instance.hpp>
#include <converge/verify/composition.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace converge::testing {

/// What the commands of a process add up to. Each effect has an account: its command adds 1, or its quantity;
/// what undoes or reclaims it takes that away. Effects that share a command share an account. Each kind of
/// command on rows has one too. Commands that both rows and effects send are counted nowhere.
template <class Process> struct effect_balance {
    using effect_list = effects_of<Process>;
    using row_list = converge::detail::row_commands_of<Process>;
    static constexpr std::size_t effect_count = boost::mp11::mp_size<effect_list>::value;
    static constexpr std::size_t size = effect_count + boost::mp11::mp_size<row_list>::value;
    using balance = std::array<std::int64_t, size>;

private:
    template <std::size_t Number> using effect_number = boost::mp11::mp_at_c<effect_list, Number>;

    template <class Command>
    static constexpr bool sent_by_rows = [] {
        using undone = typename converge::detail::net_command<Command>::type;
        return boost::mp11::mp_contains<row_list, undone>::value;
    }();

    template <class Undo> struct quantities {
        static constexpr bool adjusted = false;
    };
    template <auto Quantity, auto Reclaimed> struct quantities<adjusted_by<Quantity, Reclaimed>> {
        static constexpr bool adjusted = true;
        static constexpr auto quantity = Quantity;
        static constexpr auto reclaimed = Reclaimed;
    };

    template <class Effect>
    using commands = boost::mp11::mp_unique<converge::detail::commands_of_effect_t<Effect>>;

    template <class One, class Other>
    static constexpr bool share = [] {
        return !boost::mp11::mp_empty<
            boost::mp11::mp_set_intersection<commands<One>, commands<Other>>>::value;
    }();

    /// The account of each effect: the number of the first effect that it shares commands with, in however
    /// many links.
    static constexpr std::array<std::size_t, effect_count> accounts = [] {
        std::array<std::size_t, effect_count> of{};
        for (std::size_t each = 0; each < effect_count; ++each)
            of[each] = each;
        [[maybe_unused]] auto const join = [&](std::size_t one, std::size_t other) {
            auto const least = std::min(of[one], of[other]);
            auto const from = std::max(of[one], of[other]);
            for (auto& each : of)
                each = each == from ? least : each;
        };
        boost::mp11::mp_for_each<boost::mp11::mp_iota_c<effect_count>>([&](auto one) {
            boost::mp11::mp_for_each<boost::mp11::mp_iota_c<effect_count>>([&](auto other) {
                if constexpr (one < other)
                    if (share<effect_number<one>, effect_number<other>>)
                        join(one, other);
            });
        });
        return of;
    }();

    template <std::size_t Number, class Command>
    static std::optional<std::int64_t> change_in(Command const& command) {
        using effect = effect_number<Number>;
        using adjustment = quantities<typename effect::undo>;
        if constexpr (std::same_as<Command, typename effect::command>) {
            if constexpr (adjustment::adjusted)
                return static_cast<std::int64_t>(command.*adjustment::quantity);
            else
                return 1;
        } else if constexpr (std::same_as<Command, typename effect::undo::command>) {
            if constexpr (adjustment::adjusted)
                return -static_cast<std::int64_t>(command.*adjustment::reclaimed);
            else
                return -1;
        } else {
            return std::nullopt;
        }
    }

public:
    /// What one command adds.
    template <class Command> static std::vector<std::int64_t> changes(Command const& command) {
        std::vector<std::int64_t> made(size, 0);
        using undone = typename converge::detail::net_command<Command>::type;
        constexpr auto row = boost::mp11::mp_find<row_list, undone>::value;
        constexpr bool of_effects = [] {
            return boost::mp11::mp_contains<
                converge::detail::joined<converge::detail::commands_of_effect_t, effect_list>,
                Command>::value;
        }();
        if constexpr (row < boost::mp11::mp_size<row_list>::value) {
            if constexpr (!of_effects)
                made[effect_count + row] += converge::detail::net_command<Command>::sign;
        } else {
            boost::mp11::mp_for_each<boost::mp11::mp_iota_c<effect_count>>([&](auto number) {
                auto const change = change_in<number>(command);
                if (change && made[accounts[number]] == 0) // once for each account
                    made[accounts[number]] += *change;
            });
        }
        return made;
    }

    /// What an effect that shares its commands with none should have on its account, for an instance that has
    /// a record; nothing where that cannot be said.
    template <std::size_t Number>
    static std::optional<std::int64_t> desired(std::string_view key, instance_state<Process> const& state) {
        using effect = effect_number<Number>;
        if constexpr (boost::mp11::mp_empty<commands<effect>>::value) {
            return std::nullopt; // a deadline
        } else if constexpr (sent_by_rows<typename effect::command>) {
            return std::nullopt;
        } else {
            if (std::count(accounts.begin(), accounts.end(), accounts[Number]) != 1)
                return std::nullopt;
            if (!condition_holds<Process, typename effect::condition>(state.states, state.data))
                return 0;
            using adjustment = quantities<typename effect::undo>;
            if constexpr (adjustment::adjusted) {
                instance_view<Process> const view{key, state.states, state.data};
                auto const command = converge::detail::build<typename effect::command>(view);
                return std::max<std::int64_t>(0, command.*adjustment::quantity);
            } else {
                return 1;
            }
        }
    }

    /// Which accounts of an instance are not as its state asks for, in words; "" if all are.
    static std::string
    difference(std::string_view key, instance_state<Process> const& state, balance const& booked) {
        std::string text;
        boost::mp11::mp_for_each<boost::mp11::mp_iota_c<effect_count>>([&](auto number) {
            using effect = effect_number<number>;
            auto const wanted = desired<number>(key, state);
            if constexpr (boost::mp11::mp_empty<commands<effect>>::value) {
                bool const holds =
                    condition_holds<Process, typename effect::condition>(state.states, state.data);
                auto const waiting = std::count_if(
                    state.deadlines.begin(), state.deadlines.end(),
                    [&](pending_deadline const& each) { return each.effect == number; });
                if (waiting != (holds ? 1 : 0))
                    text += " effect " + std::to_string(number) + " has " + std::to_string(waiting) +
                            " deadlines, its condition " + (holds ? "holds;" : "does not hold;");
            } else if (wanted && *wanted != booked[number])
                text += " " + std::string{wire_name_of<typename effect::command>} + " stands at " +
                        std::to_string(booked[number]) + ", its state asks for " + std::to_string(*wanted) +
                        ";";
        });
        return text;
    }
};

} // namespace converge::testing
