// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/migration.hpp>
#include <converge/run/migration_verdict.hpp>
#include <converge/store/concepts.hpp>

#include <boost/mp11/list.hpp>

#include <utility>

namespace converge {

/// Brings the instances of a process manager from an old declaration to a new one, in place, along a verified
/// evolution: `struct upgrade : evolves<order_v1, order_v2, ...> {}; migrate<upgrade>(store);`. Call it
/// before the runner of the new declaration is made. It may be called at each start: where the instances are
/// of the new declaration it looks at one record and returns, and where there are none it leaves the store as
/// it is.
///
/// Several evolutions, from the oldest to the newest, are done one after the other, from the declaration that
/// the store is at: `migrate<from_1_to_2, from_2_to_3>(store)`.
///
/// Each instance gets one step: its states as the evolution places them, its data, the positions it has
/// handled, its deadlines with their ids and times, and the commands that the new declaration asks for beyond
/// those that were sent: those that it takes back are undone. What only the old declaration had is left as it
/// is. Deadlines of events for which the new declaration has none are parked.
///
/// Before anything is written each instance is taken through in memory. Throws `process_changed` with a list
/// of where the instances stand when one cannot be; when the store is at none of the declarations; or when it
/// is in the middle of another migration. Throws `store_error`: `in_use` while a runner or workers of the
/// process manager is at work. On a store without a lock runners of the old declaration must be stopped
/// before; one that is not throws `process_changed` at its next turn.
///
/// If it is interrupted, wherever, runners of either declaration are refused, and calling it again goes on.
///
/// `Observer` is called with `instance_migrated`, `process_migrated` and `item_parked`, as far as it takes
/// them. Complexity: reads the log of the home module twice for each evolution, and looks each instance up as
/// often; memory for one batch.
template <class... Evolutions, event_log Store, class Observer = no_observer>
    requires(cursor_store<Store> && detail::migration_verdict<Evolutions...>::holds)
migration_counts migrate(Store& store, migration_options options = {}, Observer observer = {}) {
    using newest = boost::mp11::mp_back<detail::versions_of<Evolutions...>>;
    [[maybe_unused]] auto const lock = [&] {
        if constexpr (runner_lock_store<Store>)
            return store.lock_runner(name_of<newest>);
        else
            return 0;
    }();
    return detail::migration<Store, Observer, Evolutions...>{store, options, std::move(observer)}.run();
}

/// Chosen when there is no way from the old process to the new one, and never defined: the compiler's one
/// error names the reason, on the line of the call.
template <class... Evolutions, event_log Store, class Observer = no_observer>
    requires(cursor_store<Store> && !detail::migration_verdict<Evolutions...>::holds)
process_cannot_migrate<detail::migration_verdict<Evolutions...>>
migrate(Store& store, migration_options options = {}, Observer observer = {});

} // namespace converge
