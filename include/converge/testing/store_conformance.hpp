// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/batch_lookup_log.hpp>
#include <converge/store/concepts.hpp>
#include <converge/store/prefetching_log.hpp>
#include <converge/testing/store_conformance_append.hpp>
#include <converge/testing/store_conformance_batch.hpp>
#include <converge/testing/store_conformance_concurrency.hpp>
#include <converge/testing/store_conformance_fences.hpp>
#include <converge/testing/store_conformance_interruption.hpp>
#include <converge/testing/store_conformance_late_commits.hpp>
#include <converge/testing/store_conformance_look_up.hpp>
#include <converge/testing/store_conformance_prefetch.hpp>
#include <converge/testing/store_conformance_read.hpp>
#include <converge/testing/store_conformance_records.hpp>
#include <converge/testing/store_conformance_values.hpp>
#include <converge/testing/store_conformance_waiting.hpp>

#include <doctest/doctest.h>

namespace converge::testing {

/// Runs every promise of the store contract (G1 to G6, R1 to R3, F1, F2) that the store's type makes, each as
/// a subcase of the doctest test case around it:
///
///     TEST_CASE("my store keeps its promises") {
///         converge::testing::store_conformance([] { return my_fixture{}; });
///     }
///
/// `make_fixture()` gives a fixture over fresh, empty data; `fixture.open()` gives a store object on that
/// data, and may be called again, from several threads, for further objects on the same data. The data may go
/// with the fixture. Two more functions of a fixture are used where they are there:
///
/// - `fixture.begin()`, from several threads: a transaction that stays open until its `commit()` or
///   `roll_back()`, or is left unfinished; its `append(request)` may wait for other transactions.
/// - `fixture.interrupt()`: the store goes away in the middle of whatever it is doing, and comes back. What
/// its
///   objects throw meanwhile is `unavailable`; the same objects can be used again.
template <class MakeFixture>
void store_conformance(MakeFixture make_fixture, concurrency_options const& options = {}) {
    using fixture_type = decltype(make_fixture());
    using store = decltype(make_fixture().open());
    static_assert(event_log<store>, "fixture.open() must give an event_log");
    auto const with_fixture = [&](char const* name, auto test) {
        SUBCASE(name) {
            auto fixture = make_fixture();
            test(fixture);
        }
    };
    auto const promise = [&](char const* name, auto test) {
        with_fixture(name, [&](auto& fixture) { test([&fixture] { return fixture.open(); }); });
    };
    promise("G1: expected versions", [](auto open) { detail::expected_versions(open); });
    promise("G1: several events at once", [](auto open) { detail::several_events_at_once(open); });
    promise("G1: one winner", [&](auto open) { detail::one_winner(open, options); });
    promise("G2: repeated appends", [](auto open) { detail::repeated_appends(open); });
    promise("G2: ids that contradict", [](auto open) { detail::ids_that_contradict(open); });
    promise("G3: positions of modules", [](auto open) { detail::positions_of_modules(open); });
    with_fixture("G3: readers follow writers", [&](auto& fixture) {
        detail::readers_follow_writers(fixture, options);
    });
    if constexpr (detail::holds_transactions<fixture_type>) {
        with_fixture("G3: slow before fast", [](auto& fixture) { detail::slow_before_fast(fixture); });
        with_fixture(
            "G3: rolled back before fast", [](auto& fixture) { detail::rolled_back_before_fast(fixture); });
        with_fixture("G3: three interleaved", [](auto& fixture) { detail::three_interleaved(fixture); });
        with_fixture("G3: one left open", [](auto& fixture) { detail::one_left_open(fixture); });
    }
    if constexpr (detail::can_be_interrupted<fixture_type>)
        with_fixture("G6: goes away and comes back", [&](auto& fixture) {
            detail::goes_away_and_comes_back(fixture, options);
        });
    promise(
        "G4: every limit, every position", [](auto open) { detail::every_limit_from_every_position(open); });
    promise("G4: only invisible events", [](auto open) { detail::only_invisible_events(open); });
    promise("G4: viewers of streams", [](auto open) { detail::viewers_of_streams(open); });
    promise("G5: two handles", [](auto open) { detail::two_handles(open); });
    promise("G5: visitors that throw", [](auto open) { detail::visitors_that_throw(open); });
    promise("G6: names of streams", [](auto open) { detail::awkward_names_of_streams(open); });
    promise("G6: names of modules and events", [](auto open) {
        detail::awkward_names_of_modules_and_events(open);
    });
    promise("G6: payloads", [](auto open) { detail::payloads(open); });
    promise("G6: wrong arguments", [](auto open) { detail::wrong_arguments(open); });
    if constexpr (cursor_store<store>) {
        promise("cursors", [](auto open) { detail::cursors_of_readers(open); });
        promise("G6: names of readers", [](auto open) { detail::awkward_names_of_readers(open); });
        promise("G6: wrong cursors", [](auto open) { detail::wrong_cursors(open); });
    }
    if constexpr (atomic_batch_log<store>) {
        promise("batches", [](auto open) { detail::batches(open); });
        promise("refused batches", [](auto open) { detail::refused_batches(open); });
    }
    if constexpr (record_store<store>) {
        promise("R1: revisions of records", [](auto open) { detail::revisions_of_records(open); });
        promise("R1: one winner of a revision", [&](auto open) {
            detail::one_winner_of_a_revision(open, options);
        });
        promise(
            "R1: one maker of a record", [&](auto open) { detail::one_maker_of_a_record(open, options); });
        if constexpr (detail::can_be_interrupted<fixture_type>)
            with_fixture("R1: records when the store goes away", [&](auto& fixture) {
                detail::records_survive(fixture, options);
            });
        promise("R2: prefixes of records", [](auto open) { detail::prefixes_of_records(open); });
        promise("R3: names of records", [](auto open) { detail::awkward_names_of_records(open); });
        promise("R3: values of records", [](auto open) { detail::values_of_records(open); });
        promise("R3: wrong records", [](auto open) { detail::wrong_records(open); });
    }
    if constexpr (fenced_log<store>) {
        promise("F1: fences that hold", [](auto open) { detail::fences_that_hold(open); });
        promise("F1: fences that do not hold", [](auto open) { detail::fences_that_do_not_hold(open); });
        promise("F1: fences before versions and ids", [](auto open) {
            detail::fences_before_versions_and_ids(open);
        });
        promise("F1: wrong fences", [](auto open) { detail::wrong_fences(open); });
        promise("F2: leases that change hands", [&](auto open) {
            detail::leases_that_change_hands(open, options);
        });
    } else if constexpr (atomic_batch_log<store>) {
        promise("fences are refused", [](auto open) { detail::refused_fences(open); });
    }
    if constexpr (awaitable_log<store>)
        promise("readers that wait", [](auto open) { detail::readers_that_wait(open); });
    if constexpr (batch_lookup_log<store>) {
        promise("G4, G5: last events of many streams", [](auto open) {
            detail::last_events_of_many_streams(open);
        });
        promise(
            "G6: names of many streams", [](auto open) { detail::many_streams_with_awkward_names(open); });
    }
    if constexpr (prefetching_log<store>) {
        promise("G4, G5: prefetched events", [](auto open) { detail::prefetched_events(open); });
        promise("G5: visitors that throw at prefetched events", [](auto open) {
            detail::visitors_that_throw_at_prefetched_events(open);
        });
        promise("G4, G5: prefetched at random", [](auto open) { detail::prefetched_at_random(open); });
    }
    if constexpr (runner_lock_store<store>)
        promise("one runner at a time", [](auto open) { detail::one_runner_at_a_time(open); });
}

} // namespace converge::testing
