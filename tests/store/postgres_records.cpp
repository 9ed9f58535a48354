// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance_records.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <servers.hpp>
#include <store/relay.hpp>
#include <string>
#include <thread>

// Records when the answer is lost, and fences while they are held.
namespace {

using namespace converge::testing::detail;
using namespace std::chrono_literals;
using converge::postgres_store;
using converge::store_trouble;

struct refusal {
    store_trouble trouble{};
    std::string message;
};

template <class Work> refusal refusal_of(Work work) {
    try {
        work();
    } catch (converge::store_error const& error) {
        return {error.trouble(), error.what()};
    }
    FAIL("was taken");
    return {};
}

/// A store whose answers can be lost, and another one whose are not.
struct disturbed_store {
    postgres_server server;
    postgres_store other{server.uri()};
    relay between{server.port()};
    postgres_store store{
        "postgresql://owner@127.0.0.1:" + std::to_string(between.port()) + "/postgres", {.notify = false}};
    std::string where =
        "PostgreSQL database 'postgres' at 127.0.0.1:" + std::to_string(between.port()) + ": ";
};

} // namespace

TEST_CASE("a record whose answer was lost is written once, and its revision comes back") {
    if (!has_postgres_server())
        return;
    disturbed_store both;
    both.between.lose_next_answer();
    auto const made = both.store.write_record("lease", 0, "first").value();
    CHECK(both.between.lost() == 1);
    check_record(both.other, "lease", made, "first");
    both.between.lose_next_answer();
    auto const replaced = both.store.write_record("lease", made, "second").value();
    CHECK(both.between.lost() == 2);
    CHECK(replaced == made + 1); // no further one was used up
    check_record(both.other, "lease", replaced, "second");
    // A call of its own is another call, though it says the same.
    CHECK(!both.store.write_record("lease", made, "second").has_value());
}

TEST_CASE("what nobody can know of a record whose answer was lost is said") {
    if (!has_postgres_server())
        return;
    disturbed_store both;
    auto const made = both.store.write_record("lease", 0, "first").value();
    // It was written, and then by another.
    both.between.lose_next_answer([&] {
        auto const now = both.other.find_record("lease").value();
        CHECK(now.value == "mine");
        CHECK(both.other.write_record("lease", now.revision, "another's").has_value());
    });
    auto const written = refusal_of([&] { (void)both.store.write_record("lease", made, "mine"); });
    CHECK(written.trouble == store_trouble::unavailable);
    CHECK(
        written.message == both.where +
                               "cannot write a record: the connection was lost, and record 'lease' has been "
                               "changed; by this call or by another, nobody knows");
    auto const now = both.store.find_record("lease").value();
    CHECK(now.value == "another's");
    // It was removed, by whom nobody can tell.
    both.between.lose_next_answer();
    auto const removed = refusal_of([&] { (void)both.store.remove_record("lease", now.revision); });
    CHECK(removed.trouble == store_trouble::unavailable);
    CHECK(
        removed.message == both.where +
                               "cannot remove a record: the connection was lost, and record 'lease' has been "
                               "changed; by this call or by another, nobody knows");
    CHECK(!both.store.find_record("lease").has_value());
    CHECK(both.between.lost() == 2);
    CHECK(both.store.write_record("lease", 0, "again").has_value()); // and it can be used on
}

TEST_CASE("a batch under a fence holds off who would take the lease, until it is written") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri()};
    auto const mine = store.write_record("lease", 0, "mine").value();
    auto const free = store.write_record("free", 0, "").value();
    converge::detail::postgres_session session{server.uri(), {.notify = false}};
    converge::detail::postgres_writer writer{session};
    auto const run = [&](std::string const& sql) {
        session.attempt([&](converge::detail::postgres_connection& connection) {
            connection.send({"", sql, sql}, {});
            connection.sync();
            connection.receive();
            connection.receive_sync();
        });
    };
    auto const event = event_of(1);
    converge::append_request const request{"orders", "one", converge::expected_version::any(), {&event, 1}};
    converge::fence const held{"lease", mine};
    run("BEGIN");
    session.attempt([&](converge::detail::postgres_connection& connection) {
        CHECK(writer.commit(connection, {{&request, 1}, {}, {&held, 1}}).has_value());
    });
    std::atomic<bool> taken{false};
    std::jthread const taker{[&] {
        postgres_store own{server.uri()};
        CHECK(own.write_record("lease", mine, "another's").has_value());
        taken = true;
        CHECK(own.head("orders") == 1); // what was written under the old lease is there
    }};
    std::this_thread::sleep_for(200ms);
    CHECK(!taken);
    // Who only reads the lease, or writes another record, does not wait, nor does a batch under the same one.
    check_record(store, "lease", mine, "mine");
    CHECK(store.write_record("free", free, "").has_value());
    store.save_cursors({}, {&held, 1});
    CHECK(!taken);
    run("COMMIT");
    for (auto const end = std::chrono::steady_clock::now() + 10s;
         !taken && std::chrono::steady_clock::now() < end;)
        std::this_thread::sleep_for(1ms);
    CHECK(taken);
    auto const now = store.find_record("lease").value().revision;
    auto const lost = refusal_of([&] { store.save_cursors({}, {&held, 1}); });
    CHECK(lost.trouble == store_trouble::lease_lost);
    CHECK(
        lost.message == "PostgreSQL database 'postgres' at 127.0.0.1:" + std::to_string(server.port()) +
                            ": cannot write under a fence: record 'lease' was to have revision " +
                            std::to_string(mine) + ", but has " + std::to_string(now) +
                            "; nothing was written (VL001)");
}
