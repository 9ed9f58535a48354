// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of stores share.
namespace converge::testing::detail {

inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

/// The id with this number.
inline event_id id_of(std::uint64_t number) {
    event_id id{};
    for (std::size_t byte = 0; byte < 8; ++byte)
        id.data[15 - byte] = static_cast<std::uint8_t>(number >> (8 * byte));
    return id;
}

/// A public event with the id of this number.
inline new_event event_of(std::uint64_t number, std::string name = "thing_happened") {
    return {.id = id_of(number), .name = std::move(name), .payload = "payload " + std::to_string(number)};
}

inline new_event internal_event_of(std::uint64_t number) {
    auto event = event_of(number, "thing_kept");
    event.internal = true;
    return event;
}

/// Events with the ids of `count` numbers from `first` on.
inline std::vector<new_event> events_of(std::uint64_t first, std::uint64_t count) {
    std::vector<new_event> events;
    for (auto number = first; number < first + count; ++number)
        events.push_back(event_of(number));
    return events;
}

template <class Store>
append_result append(
    Store& store, std::string_view module, std::string_view stream, expected_version expected,
    std::vector<new_event> const& events) {
    return store.append({.module = module, .stream = stream, .expected = expected, .events = events});
}

/// What one read gives.
struct reading {
    std::vector<recorded_event> events;
    position through{};
};

template <class Store>
reading
read(Store& store, std::string_view module, position after, std::size_t limit, std::string_view viewer) {
    reading result;
    result.through = store.read(
        module, after, limit, viewer, [&](event_view const& view) { result.events.emplace_back(view); });
    return result;
}

/// Everything in a module, as the module itself sees it.
template <class Store> std::vector<recorded_event> all_of(Store& store, std::string_view module) {
    return read(store, module, 0, no_limit, module).events;
}

template <class Store>
std::vector<recorded_event> read_stream(
    Store& store, std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
    std::string_view viewer) {
    std::vector<recorded_event> events;
    store.read_stream(
        module, stream, after, limit, viewer, [&](event_view const& view) { events.emplace_back(view); });
    return events;
}

inline std::vector<event_id> ids_of(std::vector<recorded_event> const& events) {
    std::vector<event_id> ids;
    for (auto const& each : events)
        ids.push_back(each.id);
    return ids;
}

/// Whether one event was stored as it was given.
inline void check_stored(recorded_event const& stored, std::string_view stream, new_event const& given) {
    CHECK(stored.stream == stream);
    CHECK(stored.id == given.id);
    CHECK(stored.name == given.name);
    CHECK(stored.internal == given.internal);
    CHECK_MESSAGE(stored.payload == given.payload, "payload of ", given.payload.size(), " bytes");
}

/// The trouble that `call` throws, nothing when it throws none.
template <class Call> std::optional<store_trouble> trouble_of_call(Call call) {
    try {
        call();
    } catch (store_error const& error) {
        CHECK(std::string_view{error.what()}.size() > 10); // it says something
        return error.trouble();
    }
    return std::nullopt;
}

} // namespace converge::testing::detail
