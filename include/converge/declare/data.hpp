// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/effect.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <type_traits>
#include <utility>

namespace converge {

namespace detail {

template <auto Member> using owner_of = typename member_of<decltype(Member)>::owner;

template <auto Member> using value_of = typename member_of<decltype(Member)>::value;

template <auto... Members>
using common_value = boost::mp11::mp_front<boost::mp11::mp_list<value_of<Members>...>>;

/// Calls `take` with each of the members that belongs to the event's type.
template <auto... Members, class Event, class Take>
constexpr void for_members_of(Event const& event, Take take) {
    auto one = [&]<auto Member>() {
        if constexpr (std::same_as<owner_of<Member>, Event>)
            take(event.*Member);
    };
    (one.template operator()<Members>(), ...);
}

} // namespace detail

/// The sum of integral members of events. Events are taken in any order; an event that is repeated counts
/// again, so the process must say `repeats<Event>`. Floating point is refused, for its sums depend on the
/// order. Overflow wraps around as unsigned arithmetic does, so that the sum stays independent of the order;
/// choose a member type that cannot overflow.
template <auto... Members> struct sum {
    using events = boost::mp11::mp_unique<boost::mp11::mp_list<detail::owner_of<Members>...>>;
    using value_type = detail::common_value<Members...>;
    using state_type = value_type;
    static constexpr bool counts_repeats = true;
    static constexpr bool adds_integers = (std::integral<detail::value_of<Members>> && ...);

    template <class Event> static constexpr bool take(state_type& state, Event const& event, std::uint64_t) {
        using modular = std::make_unsigned_t<value_type>;
        auto const before = state;
        detail::for_members_of<Members...>(event, [&](auto const& value) {
            state = static_cast<value_type>(
                static_cast<modular>(static_cast<modular>(state) + static_cast<modular>(value)));
        });
        return state != before;
    }
    static constexpr value_type const& value(state_type const& state) noexcept { return state; }
};

/// How many events of these types were taken. The process must say `repeats<Event>` for each of them.
template <class... Events> struct count {
    using events = boost::mp11::mp_list<Events...>;
    using value_type = std::uint64_t;
    using state_type = value_type;
    static constexpr bool counts_repeats = true;

    template <class Event>
    static constexpr bool take(state_type& state, Event const&, std::uint64_t) noexcept {
        ++state;
        return true;
    }
    static constexpr value_type value(state_type state) noexcept { return state; }
};

namespace detail {

template <bool Larger, auto... Members> struct extreme {
    using events = boost::mp11::mp_unique<boost::mp11::mp_list<owner_of<Members>...>>;
    using value_type = std::optional<common_value<Members...>>;
    using state_type = value_type;
    static constexpr bool counts_repeats = false;

    template <class Event> static constexpr bool take(state_type& state, Event const& event, std::uint64_t) {
        bool changed = false;
        for_members_of<Members...>(event, [&](auto const& value) {
            if (state && !(Larger ? *state < value : value < *state))
                return;
            state = value;
            changed = true;
        });
        return changed;
    }
    static constexpr value_type const& value(state_type const& state) noexcept { return state; }
};

} // namespace detail

/// The least of the members of the events taken; empty before the first.
template <auto... Members> struct minimum : detail::extreme<false, Members...> {};

/// The greatest of the members of the events taken; empty before the first.
template <auto... Members> struct maximum : detail::extreme<true, Members...> {};

/// The set of the values of the members. Memory grows with the number of different values.
template <auto... Members> struct union_of {
    using events = boost::mp11::mp_unique<boost::mp11::mp_list<detail::owner_of<Members>...>>;
    using value_type = std::set<detail::common_value<Members...>>;
    using state_type = value_type;
    static constexpr bool counts_repeats = false;

    template <class Event> static bool take(state_type& state, Event const& event, std::uint64_t) {
        bool changed = false;
        detail::for_members_of<Members...>(
            event, [&](auto const& value) { changed |= state.insert(value).second; });
        return changed;
    }
    static value_type const& value(state_type const& state) noexcept { return state; }
};

/// The member of the event with the greatest position; empty before the first. The events must be of one
/// module, for only there are positions comparable.
template <auto... Members> struct latest {
    using events = boost::mp11::mp_unique<boost::mp11::mp_list<detail::owner_of<Members>...>>;
    using value_type = std::optional<detail::common_value<Members...>>;
    using state_type = std::pair<std::uint64_t, value_type>;
    static constexpr bool counts_repeats = false;
    static constexpr bool compares_positions = true;

    template <class Event>
    static constexpr bool take(state_type& state, Event const& event, std::uint64_t at) {
        if (state.second && at <= state.first)
            return false;
        detail::for_members_of<Members...>(event, [&](auto const& value) { state = {at, value}; });
        return true;
    }
    static constexpr value_type const& value(state_type const& state) noexcept { return state.second; }
};

/// The struct or alias that names the folds of a process: `using data = folds<paid_cents, due_cents>;`, each
/// a struct that derives from a fold: `struct paid_cents : converge::sum<&payment_received::cents> {};`. Its
/// unqualified name is stored in the step records.
template <class... Folds> struct folds {
    using list = boost::mp11::mp_list<Folds...>;
    std::tuple<typename Folds::state_type...> states{};

    bool operator==(folds const&) const = default;

    /// Takes the event, which has position `at` in its module's log, into each fold over its type. Returns
    /// whether any fold changed. Complexity: linear in the number of folds.
    template <class Event>
    constexpr bool take([[maybe_unused]] Event const& event, [[maybe_unused]] std::uint64_t at) {
        bool changed = false;
        [[maybe_unused]] auto one = [&]<class Fold>(std::type_identity<Fold>) {
            if constexpr (boost::mp11::mp_contains<typename Fold::events, Event>::value)
                changed |= Fold::take(std::get<boost::mp11::mp_find<list, Fold>::value>(states), event, at);
        };
        (one(std::type_identity<Folds>{}), ...);
        return changed;
    }
};

/// The value of a fold.
template <class Fold, class... Folds>
    requires boost::mp11::mp_contains<boost::mp11::mp_list<Folds...>, Fold>::value
constexpr decltype(auto) get(folds<Folds...> const& data) {
    return Fold::value(
        std::get<boost::mp11::mp_find<boost::mp11::mp_list<Folds...>, Fold>::value>(data.states));
}

namespace detail {

template <class Data> inline constexpr bool is_folds = false;

template <class... Folds> inline constexpr bool is_folds<folds<Folds...>> = true;

template <class Data> struct fold_list {
    using type = boost::mp11::mp_list<>;
};

template <class... Folds> struct fold_list<folds<Folds...>> {
    using type = boost::mp11::mp_list<Folds...>;
};

} // namespace detail

} // namespace converge
