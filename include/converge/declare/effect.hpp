// SPDX-License-Identifier: MIT
#pragma once

#include <boost/mp11/list.hpp>

#include <concepts>
#include <cstdint>
#include <ratio>

namespace converge {

namespace detail {

/// A `std::chrono::duration`. Named by its shape, for the header would be most of what it costs to include
/// the declarations.
template <class Type>
concept duration = requires(Type span) {
    span.count();
    { Type::period::num } -> std::convertible_to<std::intmax_t>;
    { Type::period::den } -> std::convertible_to<std::intmax_t>;
};

} // namespace detail

/// A span of time that can be a template argument: `deadline<payment_timed_out, 15min>`. Made from any
/// `std::chrono::duration`; what is less than a microsecond is cut off. Unit: microseconds, not negative.
struct period {
    std::int64_t microseconds;

    template <detail::duration Duration>
    consteval period(Duration span) : microseconds{microseconds_in(span)} {
        if (span.count() < 0)
            throw "a deadline lies in the past";
    }

private:
    template <detail::duration Duration> static consteval std::int64_t microseconds_in(Duration span) {
        using factor = std::ratio_multiply<typename Duration::period, std::mega>;
        return static_cast<std::int64_t>(span.count() * factor::num / factor::den);
    }
};

/// A durable timer: when the condition has held for `After`, the event is appended to its module; when the
/// condition ends before, the timer is cancelled. The event is built by `Event::from(instance)`, else from
/// the instance's key, else from nothing.
template <class Event, period After> struct deadline {
    using event = Event;
    static constexpr period after = After;
};

/// The command that undoes the effect's command when the condition no longer holds, and the old one when its
/// value changes. It is built by `Command::undoing(undone)`, else as any command.
template <class Command> struct undone_by {
    using command = Command;
};

namespace detail {

template <class Member> struct member_of;

template <class Class, class Value> struct member_of<Value Class::*> {
    using owner = Class;
    using value = Value;
};

} // namespace detail

/// The effect's command asks for a quantity. When the desired quantity grows by d while the condition holds,
/// the command is sent with d; when it shrinks (to 0 when the condition ends), `Reclaim`'s command is sent
/// with the difference. So the sum of what was sent is the desired value, whatever the order of events.
///
/// `Quantity` and `Reclaim` are pointers to integral members: `adjusted_by<&refund::cents, &reclaim::cents>`.
template <auto Quantity, auto Reclaim>
    requires std::signed_integral<typename detail::member_of<decltype(Quantity)>::value> &&
             std::signed_integral<typename detail::member_of<decltype(Reclaim)>::value>
struct adjusted_by {
    static constexpr auto quantity = Quantity;
    static constexpr auto reclaimed = Reclaim;
    using command = typename detail::member_of<decltype(Reclaim)>::owner;
};

/// How an effect without compensation says so in the tables.
struct irreversible {
    using command = void;
};

/// While `Condition` holds, `Command` stands. Becoming true sends it; becoming false undoes it.
///
/// - `effect<when<...>, ship_order>`: cannot be undone, so nothing may falsify the condition once it holds,
/// and the command is built from the
///   instance's key alone.
/// - `effect<when<...>, ship_order, undone_by<recall_order>>`
/// - `effect<when<...>, refund, adjusted_by<&refund::cents, &reclaim::cents>>`
/// - `effect<when<...>, deadline<payment_timed_out, 15min>>`
///
/// A command is built by `static Command from(auto const& instance)`, else from the key as its only member,
/// else from nothing. `instance.key` is the key; `get<Fold>(instance)` is the value of a fold;
/// `instance.data` is the data.
template <class Condition, class Command, class Undo = irreversible> struct effect {
    using condition = Condition;
    using command = Command;
    using undo = Undo;
};

/// The effects of a process, in the order in which one step sends them.
template <class... Effects> struct effects {
    using list = boost::mp11::mp_list<Effects...>;
};

} // namespace converge
