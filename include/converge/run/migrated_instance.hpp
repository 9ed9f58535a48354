// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/commands.hpp>
#include <converge/run/instance.hpp>
#include <converge/run/migrated_deadlines.hpp>
#include <converge/run/migrated_effects.hpp>
#include <converge/run/thrown.hpp>
#include <converge/verify/evolution.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// An instance of an old declaration as one of the new.
namespace converge::detail {

/// A deadline that the new declaration does not know.
struct lost_deadline {
    std::size_t place = 0; ///< among the deadlines of the old step
    std::string event;     ///< wire name
    timestamp due{};
};

template <class Process> struct migrated_instance {
    instance_state<Process> state; ///< new deadlines have no id yet
    std::vector<recorded_command> commands;
    std::vector<lost_deadline> lost;
    std::string obstacle; ///< why it cannot be migrated; empty: it can
};

/// States: false and an obstacle if there is no single place in each machine. The compiler has checked those
/// that events lead to; what is stored may be another one.
template <class Evolution, class... Machines>
bool migrate_states(
    machine_states<old_of<Evolution>> const& from, migrated_instance<new_of<Evolution>>& to,
    boost::mp11::mp_list<Machines...>) {
    std::size_t number = 0;
    auto const one = [&]<class Machine>(std::type_identity<Machine>) {
        auto const place = place_in<Evolution, Machine>(from, moves_of<Evolution>{});
        if (place.state == no_state || place.other != no_state)
            to.obstacle = "there is " +
                          std::string{place.state == no_state ? "no place" : "more than one place"} +
                          " for it in machine '" + std::string{name_of<Machine>} + "'";
        else
            to.state.states[number] = static_cast<state_index>(place.state);
        ++number;
    };
    (one(std::type_identity<Machines>{}), ...);
    return to.obstacle.empty();
}

template <class Old, class... Modules>
std::array<position, sizeof...(Modules)>
migrate_handled(std::array<position, module_count_of<Old>> const& from, boost::mp11::mp_list<Modules...>) {
    auto const of = [&](std::string_view wanted) {
        position found = 0;
        std::size_t number = 0;
        auto const one = [&](std::string_view module) {
            if (module == wanted)
                found = from[number];
            ++number;
        };
        boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, modules_of<Old>>>(
            [&]<class Module>(std::type_identity<Module>) { one(Module::module_name); });
        return found;
    };
    return {of(Modules::module_name)...};
}

template <class Evolution, class... OldFolds, class... Folds>
void migrate_folds(folds<OldFolds...> const& from, folds<Folds...>& to) {
    [[maybe_unused]] auto const one =
        [&]<class Fold, class OldFold>(std::type_identity<Fold>, std::type_identity<OldFold>) {
            if constexpr (state_name<OldFold> == state_name<Fold>)
                std::get<boost::mp11::mp_find<boost::mp11::mp_list<Folds...>, Fold>::value>(to.states) =
                    std::get<boost::mp11::mp_find<boost::mp11::mp_list<OldFolds...>, OldFold>::value>(
                        from.states);
        };
    [[maybe_unused]] auto const each = [&]<class Fold>(std::type_identity<Fold> fold) {
        if constexpr (!begins_anew<Evolution, Fold>)
            (one(fold, std::type_identity<OldFolds>{}), ...);
    };
    (each(std::type_identity<Folds>{}), ...);
}

template <class Evolution>
void migrate_data(data_of<old_of<Evolution>> const& from, data_of<new_of<Evolution>>& to) {
    using old_data = data_of<old_of<Evolution>>;
    using new_data = data_of<new_of<Evolution>>;
    if constexpr (!has_free_data<old_of<Evolution>> && !has_free_data<new_of<Evolution>>)
        migrate_folds<Evolution>(from, to);
    else if constexpr (std::is_same_v<old_data, new_data> && !begins_anew<Evolution, new_data>)
        to = from;
}

/// Takes an instance over. `begun_at` is when the migration began. What predicates and `from` throw is an
/// obstacle.
template <verified_evolution Evolution>
migrated_instance<new_of<Evolution>>
migrate_instance(std::string_view key, instance_state<old_of<Evolution>> const& from, timestamp begun_at) {
    using old_process = old_of<Evolution>;
    using new_process = new_of<Evolution>;
    migrated_instance<new_process> to;
    if (!migrate_states<Evolution>(from.states, to, machines_of<new_process>{}))
        return to;
    to.state.version = from.version;
    to.state.handled = migrate_handled<old_process>(from.handled, modules_of<new_process>{});
    migrate_data<Evolution>(from.data, to.state.data);
    instance_view<old_process> const before{key, from.states, from.data};
    instance_view<new_process> const after{key, to.state.states, to.state.data};
    try {
        deadline_migration<old_process, new_process> deadlines{from.deadlines, after, begun_at};
        to.state.deadlines = deadlines.take_over();
        for (auto const at : deadlines.left_over())
            to.lost.push_back(
                {at, std::string{deadlines.event_of(from.deadlines[at])}, from.deadlines[at].due});
        to.obstacle = migrate_effects(before, after, to.commands, effects_of<new_process>{});
    } catch (...) {
        to.obstacle = "the process threw: " + text_of_what_was_thrown();
    }
    return to;
}

} // namespace converge::detail
