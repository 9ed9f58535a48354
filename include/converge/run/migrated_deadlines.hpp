// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/declare/condition_evaluation.hpp>
#include <converge/run/commands.hpp>
#include <converge/run/deadline_worker.hpp>
#include <converge/run/instance.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// What becomes of the deadlines that an instance of an old declaration waits for.
//
// A deadline of the new declaration takes over the pending one of the same event and module, with its id and
// the time at which it is due; of several, the one of the same period. One whose condition does not hold any
// more cancels it. One that has nothing to take over begins when the migration began. What the new
// declaration has no deadline for at all is left over.
namespace converge::detail {

/// What the declaration says of a deadline; of another effect: no event.
struct declared_deadline {
    std::string_view module;
    std::string_view event;
    std::int64_t microseconds = 0;
};

template <class Process, class Effect> struct deadline_declaration {
    static constexpr declared_deadline value{};
};
template <class Process, class Condition, class Event, period After>
struct deadline_declaration<Process, effect<Condition, deadline<Event, After>, irreversible>> {
    static constexpr declared_deadline value{
        module_of_event<Process, Event>::type::module_name, wire_name_of<Event>, After.microseconds};
};

template <class Process, class... Effects>
constexpr std::array<declared_deadline, sizeof...(Effects)>
declare_deadlines(boost::mp11::mp_list<Effects...>) {
    return {deadline_declaration<Process, Effects>::value...};
}
template <class Process>
inline constexpr auto declared_deadlines = declare_deadlines<Process>(effects_of<Process>{});

/// The deadlines of one instance on their way from one declaration to another.
template <class Old, class New> class deadline_migration {
public:
    /// `pending` names effects of `Old`; `begun_at` is when the migration began.
    deadline_migration(
        std::vector<pending_deadline> const& pending, instance_view<New> const& instance, timestamp begun_at)
        : pending_{&pending}, instance_{&instance}, begun_at_{begun_at}, taken_(pending.size(), false) {}

    /// Those of the new declaration, in the order of its effects; new ones have no id yet.
    std::vector<pending_deadline> take_over() {
        std::array<std::optional<std::size_t>, count> from{};
        auto const wanted = find_wanted(effects_of<New>{});
        for (auto const& [is_wanted, same_period] :
             {std::pair{true, true}, {true, false}, {false, true}, {false, false}})
            for (std::size_t effect = 0; effect < wanted.size(); ++effect)
                if (!from[effect] && wanted[effect] == is_wanted)
                    from[effect] = take_like(declared_deadlines<New>[effect], same_period);
        std::vector<pending_deadline> made;
        for (std::size_t effect = 0; effect < wanted.size(); ++effect)
            if (wanted[effect])
                add(effect, from[effect], made, effects_of<New>{});
        return made;
    }

    /// The places of those that the new declaration does not know, after `take_over`.
    std::vector<std::size_t> left_over() const {
        std::vector<std::size_t> places;
        for (std::size_t at = 0; at < taken_.size(); ++at)
            if (!taken_[at])
                places.push_back(at);
        return places;
    }

    /// The wire name of the event of a pending one; empty if the old declaration does not have it either.
    static std::string_view event_of(pending_deadline const& pending) { return declared(pending).event; }

private:
    static constexpr std::size_t count = boost::mp11::mp_size<effects_of<New>>::value;

    template <class... Effects> std::array<bool, count> find_wanted(boost::mp11::mp_list<Effects...>) const {
        return {
            (is_deadline<Effects>::value &&
             condition_holds<New, typename Effects::condition>(instance_->states, instance_->data))...};
    }

    std::optional<std::size_t> take_like(declared_deadline const& wanted, bool same_period) {
        if (wanted.event.empty())
            return std::nullopt;
        for (std::size_t at = 0; at < taken_.size(); ++at) {
            auto const old = declared((*pending_)[at]);
            if (taken_[at] || old.event != wanted.event || old.module != wanted.module ||
                (same_period && old.microseconds != wanted.microseconds))
                continue;
            taken_[at] = true;
            return at;
        }
        return std::nullopt;
    }
    static declared_deadline declared(pending_deadline const& pending) {
        return pending.effect < declared_deadlines<Old>.size() ? declared_deadlines<Old>[pending.effect]
                                                               : declared_deadline{};
    }

    template <class... Effects>
    void
    add(std::size_t effect, std::optional<std::size_t> from, std::vector<pending_deadline>& out,
        boost::mp11::mp_list<Effects...>) const {
        std::size_t number = 0;
        [[maybe_unused]] auto const one = [&]<class Effect>(std::type_identity<Effect>) {
            if constexpr (is_deadline<Effect>::value)
                if (number == effect)
                    out.push_back(make<typename Effect::command>(static_cast<std::uint32_t>(effect), from));
            ++number;
        };
        (one(std::type_identity<Effects>{}), ...);
    }
    template <class Deadline>
    pending_deadline make(std::uint32_t effect, std::optional<std::size_t> from) const {
        using event = typename Deadline::event;
        pending_deadline made{
            effect, {}, begun_at_ + std::chrono::microseconds{Deadline::after.microseconds}, {}};
        if (from) {
            made = (*pending_)[*from];
            made.effect = effect;
            if (json_codec{}.decode<event>(made.payload))
                return made;
            made.payload.clear(); // the event has other members now
        }
        json_codec{}.encode(build<event>(*instance_), made.payload);
        return made;
    }

    std::vector<pending_deadline> const* pending_;
    instance_view<New> const* instance_;
    timestamp begun_at_;
    std::vector<bool> taken_;
};

} // namespace converge::detail
