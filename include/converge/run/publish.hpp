// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/codec/json.hpp>
#include <converge/declare/module.hpp>
#include <converge/store/concepts.hpp>

#include <boost/mp11/algorithm.hpp>

#include <string_view>

namespace converge {

/// Encodes an event as the log has it.
template <class Event, class Codec = json_codec>
new_event encode_event(Event const& event, event_id id = random_event_id(), Codec const& codec = {}) {
    new_event made{id, std::string{wire_name_of<Event>}, is_internal<Event>, {}};
    codec.encode(event, made.payload);
    return made;
}

/// Appends an event to a stream of its module. Give a deterministic id where a retry is possible: a repeated
/// id is a no-op. Throws `store_error`, `encode_error`; a wrong version is a value.
template <event_module Module, event_log Store, class Event, class Codec = json_codec>
    requires boost::mp11::mp_contains<typename Module::events, Event>::value
append_result publish(
    Store& store, std::string_view stream, Event const& event, event_id id = random_event_id(),
    expected_version expected = expected_version::any(), Codec const& codec = {}) {
    auto const made = encode_event(event, id, codec);
    return store.append({Module::module_name, stream, expected, {&made, 1}});
}

} // namespace converge
