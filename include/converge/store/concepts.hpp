// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/error.hpp>
#include <converge/store/event.hpp>
#include <converge/store/record.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>

namespace converge {

namespace detail {

/// Stands for any visitor of events where a concept needs one.
struct any_event_visitor {
    void operator()(event_view const&) const {}
};

} // namespace detail

/// An append-only log for each module, with one position sequence each.
///
/// - `append(request)` (G1, G2): atomic, and durable when it returns. A wrong version is a value. When the
/// module already
///   holds the first event's id, nothing is written, whatever the version, and the first position comes back.
/// - `read(module, after, limit, viewer, visit)` (G3, G4, G5): visits up to `limit` events with a position
/// greater than
///   `after`, in the order of positions, and returns the position *through* which the log has now been read:
///   continue from there. It is at least `after`, it passes over what the viewer may not see, and no event
///   will ever appear at or below it. Internal events are visited only if `viewer == module`. An unknown
///   module is an empty one. The visitor must not call the store; what it throws passes through.
/// - `read_stream(module, stream, after, limit, viewer, visit)`: the same for one stream, by version; returns
/// nothing.
/// - `last_of_stream(module, stream, viewer)`: the stream's last event that the viewer may see.
/// - `head(module)`: the last position of the module's log, 0 when it is empty.
///
/// All of them throw `store_error` (G6). One object is used by one thread at a time unless the store says
/// more.
template <class Store>
concept event_log = requires(
    Store& store, append_request const& request, std::string_view name, position at, stream_version version,
    std::size_t limit, detail::any_event_visitor visit) {
    { store.append(request) } -> std::same_as<append_result>;
    { store.read(name, at, limit, name, visit) } -> std::same_as<position>;
    { store.read_stream(name, name, version, limit, name, visit) } -> std::same_as<void>;
    { store.last_of_stream(name, name, name) } -> std::same_as<std::optional<recorded_event>>;
    { store.head(name) } -> std::same_as<position>;
};

/// Keeps how far each reader has come in each module. A cursor is a shortcut: losing one costs rereading.
///
/// - `load_cursor(reader, module)`: 0 when there is none.
/// - `save_cursors(cursors)`: all of them; a cursor may move back.
template <class Store>
concept cursor_store = requires(Store& store, std::span<cursor const> cursors, std::string_view name) {
    { store.load_cursor(name, name) } -> std::same_as<position>;
    { store.save_cursors(cursors) } -> std::same_as<void>;
};

/// Several appends, to any streams and modules, and cursors, in one transaction.
///
/// - `commit(batch)`: every append and every cursor is durable when it returns, or nothing is written. Two
/// requests of one
///   batch may name one stream: the second sees the first. A batch with fences is refused
///   (`invalid_argument`) by a store that is no `fenced_log`.
template <class Store>
concept atomic_batch_log = event_log<Store> && requires(Store& store, batch const& together) {
    { store.commit(together) } -> std::same_as<batch_result>;
};

/// A log whose batches can be fenced by records: what one who has lost his lease still sends is not written.
///
/// - `commit(batch)`: in the moment in which the batch is written every record that a fence names has the
///   fence's revision, or nothing is written and it throws `store_error` (`lease_lost`), which names the
///   record. Fences come before ids and versions: also a repeat, and an append of a wrong version, throws.
/// - `save_cursors(cursors, fences)`: the same without appends.
template <class Store>
concept fenced_log = atomic_batch_log<Store> && cursor_store<Store> && record_store<Store> &&
                     requires(Store& store, std::span<cursor const> cursors, std::span<fence const> fences) {
                         { store.save_cursors(cursors, fences) } -> std::same_as<void>;
                     };

/// A log whose readers sleep until something is appended.
///
/// - `wait_for_events(seen, timeout, stop)`: true as soon as the log of one of the cursors' modules holds a
/// position
///   greater than the cursor's, at once when it does already; false when the timeout has passed or a stop is
///   requested. The event may be internal, so a reader may find nothing it may see, and waits again.
template <class Store>
concept awaitable_log =
    event_log<Store> && requires(
                            Store& store, std::span<cursor const> seen, std::chrono::milliseconds timeout,
                            std::stop_token const& stop) {
        { store.wait_for_events(seen, timeout, stop) } -> std::same_as<bool>;
    };

/// Lets one runner of a process manager work at a time.
///
/// - `lock_runner(process)`: an object that holds the right until it is destroyed or its process ends,
/// however it ends.
///   Throws `store_error` (`in_use`) when another runner holds it.
template <class Store>
concept runner_lock_store = requires(Store& store, std::string_view process) {
    { store.lock_runner(process) } -> std::move_constructible;
};

} // namespace converge
