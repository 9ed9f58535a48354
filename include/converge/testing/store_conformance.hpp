// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/store_conformance_concurrency.hpp>
#include <converge/testing/store_conformance_promises.hpp>

namespace converge::testing {

/// Runs every promise of the store contract (G1 to G6) that the store's type makes, inside a doctest test
/// case:
///
///     TEST_CASE("my store keeps its promises") { converge::testing::store_conformance([] { return
///     my_fixture{}; }); }
///
/// `make_fixture()` gives a fixture over fresh, empty data; `fixture.open()` gives a store object on that
/// data, and may be called again, from several threads, for further objects on the same data. The data may go
/// with the fixture.
template <class MakeFixture>
void store_conformance(MakeFixture make_fixture, concurrency_options const& options = {}) {
    test_appends(make_fixture);
    test_repeated_appends(make_fixture);
    test_batches(make_fixture);
    test_reading(make_fixture);
    test_visibility(make_fixture);
    test_cursors(make_fixture);
    test_names_and_payloads(make_fixture);
    test_invalid_arguments(make_fixture);
    test_runner_lock(make_fixture);
    test_readers_follow_writers(make_fixture, options);
    test_one_winner(make_fixture, options);
}

} // namespace converge::testing
