// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/codec/json.hpp>
#include <converge/declare/module.hpp>
#include <converge/run/command_origin.hpp>
#include <converge/store/concepts.hpp>
#include <converge/store/validation.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// For aggregates that take commands of process managers: the idempotent receiver (Hohpe, Woolf: Enterprise
// Integration Patterns, 2003).
namespace converge {

/// What an aggregate has taken of one instance of a process manager.
struct taken_of_instance {
    BOOST_HANA_DEFINE_STRUCT(
        taken_of_instance, (std::string, process), (std::string, instance),
        (command_place, last), ///< everything up to here is decided: it was taken, or it is passed over
        /// Parked when later ones came, and not taken until now. In order.
        (std::vector<command_place>, passed_over));

    bool operator==(taken_of_instance const&) const = default;
};

/// Which commands an aggregate has acted on, compactly: the last one of each instance that speaks to it, and
/// those that were parked then. Keep it in the aggregate's state, and write it in the same append as what the
/// command does; every codec that knows described structs can.
///
/// It relies on what a runner promises: the commands of one instance come in the order of their places, again
/// and again perhaps, from any place that is not done; a parked one comes later, and those that come before
/// it say in `passed_over` that it is missing. So one worker at a time has to hand over the commands of an
/// instance, which a store that can lock sees to; where several may, remember ids: `taken_command_ids`.
struct taken_commands {
    BOOST_HANA_DEFINE_STRUCT(
        taken_commands, (std::vector<taken_of_instance>, instances)); ///< ordered by process and instance

    /// Notes a command. False: it was taken before, and must not be acted on. Complexity: logarithmic in the
    /// number of instances, linear in the number of commands passed over.
    bool take(command_origin const& origin) {
        auto const name = std::tie(origin.process, origin.instance);
        auto found = std::ranges::lower_bound(instances, name, {}, [](taken_of_instance const& each) {
            return std::tie(each.process, each.instance);
        });
        if (found == instances.end() || std::tie(found->process, found->instance) != name) {
            instances.insert(found, {origin.process, origin.instance, origin.place, origin.passed_over});
            return true;
        }
        if (origin.place <= found->last)
            return std::erase(found->passed_over, origin.place) != 0;
        for (auto const& parked : origin.passed_over)
            if (found->last < parked) // up to the last one all is decided
                found->passed_over.push_back(parked);
        found->last = origin.place;
        return true;
    }

    bool operator==(taken_commands const&) const = default;
};

/// Which commands an aggregate has acted on, by id, where nothing is known of their order. It grows with each
/// command.
struct taken_command_ids {
    BOOST_HANA_DEFINE_STRUCT(taken_command_ids, (std::set<event_id>, ids));

    /// Notes a command. False: it was taken before, and must not be acted on.
    bool take(event_id const& command) { return ids.insert(command).second; }
};

/// Appends events to the stream of an aggregate, once for a command: their ids are made of the command's, of
/// module, stream and their number. For aggregates that are not written by the handler's runner: those of
/// another store, or of another program. `expected` is the version that the decision was made at; when the
/// stream has another one, nothing is written, and the aggregate has to be read again. When the command's
/// events are there already, the result says `repeated`, whatever the version.
///
/// Throws `store_error`, `encode_error`; a wrong version is a value.
template <event_module Module, event_log Store, class... Events>
    requires(
        sizeof...(Events) > 0 && (boost::mp11::mp_contains<typename Module::events, Events>::value && ...))
append_result append_once(
    Store& store, std::string_view stream, expected_version expected, event_id const& command,
    Events const&... events) {
    std::array<new_event, sizeof...(Events)> made;
    std::size_t number = 0;
    auto const encode = [&]<class Event>(Event const& event) {
        auto& each = made[number];
        each.id = name_based_id(
            std::string_view{"appended once"}, command, Module::module_name, stream, std::uint64_t{number});
        each.name = wire_name_of<Event>;
        each.internal = is_internal<Event>;
        json_codec{}.encode(event, each.payload);
        ++number;
    };
    (encode(events), ...);
    return store.append({Module::module_name, stream, expected, made});
}

} // namespace converge
