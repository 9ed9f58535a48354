// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/store/sqlite.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <random>
#include <store/drawn_batch.hpp>
#include <string>
#include <temporary_directory.hpp>
#include <vector>

// From 32 requests on, a SQLite writer adds the rows of a batch together, as if nothing of it were there.
// Where it was wrong it takes all back and begins again, row by row.
namespace {

using namespace converge::testing::detail;
using converge::append_request;
using converge::expected_version;
using converge::memory_store;
using converge::sqlite_store;

constexpr std::uint64_t many = 100;

/// A batch of one event for each of many new streams, and what a test adds.
class wide_batch {
public:
    explicit wide_batch(std::uint64_t first_id) {
        for (std::uint64_t each = 0; each < many; ++each)
            add("wide " + std::to_string(first_id + each), first_id + each, expected_version::none());
    }
    void add(std::string stream, std::uint64_t id, expected_version expected) {
        auto& event = events_.emplace_back(events_of(id, 1));
        requests_.push_back({"orders", streams_.emplace_back(std::move(stream)), expected, event});
    }
    std::vector<append_request> const& requests() const noexcept { return requests_; }

private:
    std::deque<std::string> streams_;
    std::deque<std::vector<converge::new_event>> events_;
    std::vector<append_request> requests_;
};

struct both_stores {
    /// Checks that a batch comes to the same, and gives that.
    std::string commit(std::vector<append_request> const& requests) {
        auto expected = outcome(model, requests);
        CHECK(outcome(store, requests) == expected);
        return expected;
    }

    temporary_directory directory;
    sqlite_store store{directory / "together.db"};
    memory_store model;
};

} // namespace

TEST_CASE("large batches of every kind come to the same on SQLite as in memory") {
    both_stores both;
    std::mt19937_64 random{11};
    std::uint64_t next_id = 0;
    drawn_outcomes outcomes;
    for (int batch = 0; batch < 600; ++batch) {
        CAPTURE(batch);
        drawn_kind const kind{.requests = 120, .fault_in = batch % 3 == 0 ? 100'000U : 300U};
        outcomes.add(both.commit(drawn_batch{random, next_id, both.model, kind}.requests()));
    }
    CHECK(outcomes.written > 200);
    CHECK(outcomes.refused > 40);
    CHECK(outcomes.repeated > 15);
    check_same(both.store, both.model);
}

TEST_CASE("an event that is there already is told wherever it stands in a large batch") {
    both_stores both;
    both.commit(wide_batch{1}.requests());
    for (std::uint64_t const known : {1U, 32U, 33U, 100U}) {
        CAPTURE(known);
        wide_batch drawn{1'000 * known};
        drawn.add("wide " + std::to_string(known), known, expected_version::none());
        for (std::uint64_t after = 0; after < 40; ++after)
            drawn.add("late", 1'000 * known + 500 + after, expected_version::any());
        auto const said = both.commit(drawn.requests());
        CHECK(said.find(" repeated; ") != std::string::npos);
    }
    SUBCASE("also when it stands there twice") {
        wide_batch drawn{900'000};
        drawn.add("wide 900000", 900'000, expected_version::none());
        CHECK(both.commit(drawn.requests()).find("1 repeated; ") != std::string::npos);
    }
    SUBCASE("and what is not wholly there is refused") {
        std::vector<converge::new_event> const half{event_of(900'500), event_of(3)};
        wide_batch const wide{900'000};
        auto drawn = wide.requests();
        drawn.push_back({"orders", "half", expected_version::any(), half});
        CHECK(both.commit(drawn).starts_with("event "));
    }
    check_same(both.store, both.model);
}

TEST_CASE("a stream that is added in a large batch may go on in it") {
    both_stores both;
    wide_batch drawn{1};
    drawn.add("wide 3", 500, expected_version::exactly(1));   // written already: its 32 are full
    drawn.add("wide 100", 501, expected_version::exactly(1)); // still waiting
    drawn.add("wide 100", 502, expected_version::any());
    CHECK(both.commit(drawn.requests()).find("103-103 version 3; ") != std::string::npos);
    wide_batch after{1'000};
    after.add("wide 100", 600, expected_version::exactly(3));
    after.add("wide 3", 601, expected_version::exactly(2));
    sqlite_store other{both.directory / "together.db"}; // which remembers no stream
    auto const expected = outcome(both.model, after.requests());
    CHECK(expected.find("version 4; ") != std::string::npos);
    CHECK(outcome(other, after.requests()) == expected);
    check_same(both.store, both.model);
}

TEST_CASE("a stream that is not new is told, and nothing of the batch is written") {
    both_stores both;
    both.commit(wide_batch{1}.requests());
    wide_batch drawn{1'000};
    drawn.add("wide 7", 2'000, expected_version::none());
    CHECK(both.commit(drawn.requests()) == "request 100 finds version 1");
    CHECK(both.store.head("orders") == many);
    SUBCASE("also when another one is wrong after it") {
        drawn.add("wide 1002", 2'001, expected_version::exactly(5));
        CHECK(both.commit(drawn.requests()) == "request 100 finds version 1");
    }
    wide_batch again{1'000};
    again.add("wide 7", 2'000, expected_version::exactly(1));
    CHECK(both.commit(again.requests()).find("201-201 version 2; ") != std::string::npos);
    check_same(both.store, both.model);
}

TEST_CASE("streams that were added before any row was written are not taken for written ones") {
    both_stores both;
    both.commit(wide_batch{1}.requests());
    wide_batch const wide{1'000};
    auto requests = wide.requests();
    for (auto& each : requests)
        each.expected = expected_version::any();
    auto const known = events_of(1, 1);
    requests.insert(requests.begin() + 20, {"orders", "wide 1", expected_version::exactly(7), known});
    auto const said = both.commit(requests);
    CHECK(said.starts_with("101-101 version 1; "));
    CHECK(said.find("1-1 version 1 repeated; ") != std::string::npos);
    check_same(both.store, both.model);
}

TEST_CASE("one append of many events is as good as many") {
    both_stores both;
    auto const events = events_of(1, 200);
    auto const append = [&](expected_version expected) {
        return both.commit({{"orders", "long", expected, events}});
    };
    CHECK(append(expected_version::none()) == "1-200 version 200; ");
    CHECK(append(expected_version::none()) == "1-200 version 200 repeated; ");
    CHECK(append(expected_version::exactly(200)) == "1-200 version 200 repeated; ");
    auto const direct = both.store.append({"orders", "other", expected_version::any(), events});
    CHECK(direct.value().repeated);
    check_same(both.store, both.model);
}
