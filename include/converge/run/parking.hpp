// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/fields.hpp>
#include <converge/codec/identity.hpp>
#include <converge/codec/json.hpp>
#include <converge/run/legible.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/concepts.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

/// An event or a command that could not be handled, or a deadline that a migration found no place for. It
/// stays in the log of the process's home module until it is replayed; a deadline for ever.
struct parked_item {
    BOOST_HANA_DEFINE_STRUCT(
        parked_item, (std::string, kind), ///< "event", "command" or "deadline"
        (std::string, module),            ///< of the event; else the home module
        (std::uint64_t, position),        ///< of the event; else of the step that asks for it
        (std::uint64_t, index),           ///< of the command or deadline in its step
        (std::string, name),              ///< wire name
        (std::string, reason));
};

namespace detail {

template <class Process> std::string parking_stream() {
    return "converge/parked/" + std::string{name_of<Process>};
}

/// A record about a parked item; the same for the same item, so that it is written once.
template <class Process> new_event parking_record(std::string_view what, parked_item item) {
    item.name = legible(item.name);
    item.reason = legible(item.reason);
    new_event made{
        name_based_id(what, name_of<Process>, item.kind, item.module, item.position, item.index),
        std::string{what},
        true,
        {}};
    json_codec{}.encode(item, made.payload);
    return made;
}

/// What is parked and not yet replayed, in the order in which it was parked. Complexity: linear in the number
/// of items ever parked.
template <class Process, event_log Store> std::vector<parked_item> parked_items(Store& store) {
    std::vector<std::pair<event_id, parked_item>> found;
    constexpr std::string_view home = home_of<Process>::module_name;
    store.read_stream(
        home, parking_stream<Process>(), 0, ~std::size_t{0}, home, [&](event_view const& event) {
            auto item = json_codec{}.decode<parked_item>(event.payload);
            if (!item)
                return;
            auto const id = parking_record<Process>(parked_event_name, *item).id;
            if (event.name == unparked_event_name)
                std::erase_if(found, [&](auto const& each) { return each.first == id; });
            else
                found.emplace_back(id, std::move(*item));
        });
    std::vector<parked_item> items;
    items.reserve(found.size());
    for (auto& each : found)
        items.push_back(std::move(each.second));
    return items;
}

} // namespace detail

} // namespace converge
