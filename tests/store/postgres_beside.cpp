// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <map>
#include <random>
#include <servers.hpp>
#include <store/postgres_held.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// Large batches of several writers are written at the same time, and come to be seen one after the other.
namespace {

using namespace converge::testing::detail;
using namespace std::chrono_literals;
using converge::append_request;
using converge::expected_version;
using converge::position;
using converge::postgres_store;

constexpr auto none = expected_version::none();
constexpr std::size_t many = 40;

/// One event for each of many streams.
class wide_batch {
public:
    wide_batch(std::string const& name, std::uint64_t first_id, expected_version expected = none) {
        for (std::size_t each = 0; each < many; ++each)
            add(name + std::to_string(each), first_id + each, expected);
    }
    void add(std::string stream, std::uint64_t id, expected_version expected) {
        events_.push_back({event_of(id)});
        requests_.push_back({"orders", streams_.emplace_back(std::move(stream)), expected, events_.back()});
    }
    converge::batch together() const { return {.appends = requests_, .cursors = {}}; }

private:
    std::deque<std::string> streams_;
    std::deque<std::vector<converge::new_event>> events_;
    std::vector<append_request> requests_;
};

/// A server with a module that has one event.
struct begun_store {
    postgres_server server;
    postgres_store store{server.uri()};

    begun_store() { append(store, "orders", "first", none, {event_of(1)}).value(); }

    std::string ask(std::string const& sql) const {
        converge::detail::postgres_connection connection{server.uri()};
        auto const result = connection.execute(sql, "look at the server");
        return PQgetvalue(result.get(), 0, 0);
    }
    /// Waits for a writer that has written, and waits for the one before it. Whether it came.
    bool await_waiting_writer() const {
        auto const end = std::chrono::steady_clock::now() + 20s;
        while (std::chrono::steady_clock::now() < end) {
            if (ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND NOT "
                    "granted") == "1")
                return true;
            std::this_thread::sleep_for(5ms);
        }
        return false;
    }
    std::vector<position> positions() {
        std::vector<position> all;
        store.read("orders", 0, no_limit, "orders", [&](auto const& each) { all.push_back(each.position); });
        return all;
    }
    std::future<converge::batch_result> commit_elsewhere(wide_batch const& written) const {
        return std::async(std::launch::async, [uri = server.uri(), &written] {
            postgres_store other{uri};
            return other.commit(written.together());
        });
    }
};

std::vector<position> from_to(position first, position last) {
    std::vector<position> all;
    for (auto at = first; at <= last; ++at)
        all.push_back(at);
    return all;
}

} // namespace

TEST_CASE("large batches are written beside each other on PostgreSQL, and seen one after the other") {
    if (!has_postgres_server())
        return;
    begun_store begun;
    wide_batch const one{"a", 100};
    wide_batch const two{"b", 200};
    postgres_held first{begun.server.uri(), "converge"};
    first.append(one.together());
    auto second = begun.commit_elsewhere(two);
    REQUIRE(begun.await_waiting_writer());
    CHECK(second.wait_for(200ms) == std::future_status::timeout);
    CHECK(begun.store.head("orders") == 1);
    CHECK(begun.positions() == from_to(1, 1));
    SUBCASE("when the first one commits") {
        first.commit();
        auto const done = second.get().value();
        CHECK(done.front().first == 42);
        CHECK(done.back().last == 81);
        CHECK(begun.positions() == from_to(1, 81));
    }
    SUBCASE("when the first one is rolled back, and leaves a hole") {
        first.roll_back();
        CHECK(second.get().value().front().first == 42);
        auto expected = from_to(42, 81);
        expected.insert(expected.begin(), 1);
        CHECK(begun.positions() == expected);
    }
    CHECK(begun.store.head("orders") == 81);
    CHECK(append(begun.store, "orders", "last", none, {event_of(2)}).value().first == 82);
    wide_batch const three{"c", 300};
    CHECK(begun.store.commit(three.together()).value().back().last == 122);
}

TEST_CASE("three large batches follow each other, whichever of the first two is rolled back") {
    if (!has_postgres_server())
        return;
    begun_store begun;
    wide_batch const one{"a", 100};
    wide_batch const two{"b", 200};
    wide_batch const three{"c", 300};
    postgres_held first{begun.server.uri(), "converge"};
    first.append(one.together());
    auto second = begun.commit_elsewhere(two);
    REQUIRE(begun.await_waiting_writer());
    auto third = begun.commit_elsewhere(three);
    CHECK(third.wait_for(300ms) == std::future_status::timeout);
    CHECK(second.wait_for(0ms) == std::future_status::timeout);
    first.roll_back();
    CHECK(second.get().value().front().first == 42);
    CHECK(third.get().value().front().first == 82);
    CHECK(begun.store.head("orders") == 121);
}

TEST_CASE("a large batch that meets another one on a stream waits for it, and is told the truth") {
    if (!has_postgres_server())
        return;
    begun_store begun;
    wide_batch const one{"a", 100};
    postgres_held first{begun.server.uri(), "converge"};
    first.append(one.together());
    SUBCASE("the other one commits") {
        wide_batch const two{"a", 200};
        auto second = begun.commit_elsewhere(two);
        CHECK(second.wait_for(300ms) == std::future_status::timeout);
        first.commit();
        auto const refused = second.get();
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().request == 0);
        CHECK(refused.error().actual == 1);
        CHECK(begun.positions() == from_to(1, 41));
    }
    SUBCASE("the other one is rolled back") {
        wide_batch const two{"a", 200};
        auto second = begun.commit_elsewhere(two);
        CHECK(second.wait_for(300ms) == std::future_status::timeout);
        first.roll_back();
        CHECK(second.get().value().size() == many);
        CHECK(begun.positions().size() == many + 1);
    }
    SUBCASE("it is the same one, sent again") {
        auto second = begun.commit_elsewhere(one);
        CHECK(second.wait_for(300ms) == std::future_status::timeout);
        first.commit();
        auto const done = second.get().value();
        CHECK(std::ranges::all_of(done, [](auto const& each) { return each.repeated; }));
        CHECK(done.back().last == 41);
        CHECK(begun.positions() == from_to(1, 41));
    }
}

TEST_CASE("a single event waits for the large batches that are being written, and they for it") {
    if (!has_postgres_server())
        return;
    begun_store begun;
    wide_batch const one{"a", 100};
    auto const single = [&] {
        postgres_store other{begun.server.uri()};
        return append(other, "orders", "single", none, {event_of(2)}).value().first;
    };
    postgres_held first{begun.server.uri(), "converge"};
    SUBCASE("the batch comes first") {
        first.append(one.together());
        auto second = std::async(std::launch::async, single);
        CHECK(second.wait_for(200ms) == std::future_status::timeout);
        first.commit();
        CHECK(second.get() == 42);
    }
    SUBCASE("the single one comes first") {
        auto const event = std::vector{event_of(2)};
        first.append({"orders", "single", none, event});
        auto second = begun.commit_elsewhere(one);
        CHECK(second.wait_for(200ms) == std::future_status::timeout);
        first.commit();
        CHECK(second.get().value().front().first == 3);
    }
}

TEST_CASE("a program that locks the module's row alone, as older ones did, meets no large batch") {
    if (!has_postgres_server())
        return;
    begun_store begun;
    converge::detail::postgres_connection older{begun.server.uri()};
    auto const run = [&](std::string const& sql) { older.execute(sql, "append as an older program"); };
    run("BEGIN");
    std::string burnt = "0";
    bool commits = true;
    SUBCASE("that goes on with the next position") {}
    SUBCASE("that goes on behind a hole") { burnt = "100"; }
    SUBCASE("that is rolled back") { commits = false; }
    run("UPDATE converge.module SET head = head + 1 + " + burnt + " WHERE name = 'orders'");
    run("INSERT INTO converge.event SELECT id, head, 1000, 1, false, now(), gen_random_uuid(), 'e', '' "
        "FROM converge.module WHERE name = 'orders'");
    auto const itself = position{2} + std::stoull(burnt);
    wide_batch const one{"a", 100};
    auto second = begun.commit_elsewhere(one);
    CHECK(second.wait_for(300ms) == std::future_status::timeout);
    run(commits ? "COMMIT" : "ROLLBACK");
    CHECK(second.get().value().front().first == (commits ? itself + 1 : 2));
}

TEST_CASE("where several write large batches, readers see each event once and in order") {
    if (!has_postgres_server())
        return;
    begun_store begun;
    constexpr std::size_t writers = 4;
    constexpr std::size_t batches = 60;
    std::atomic<std::size_t> at_work = writers;
    std::array<std::map<position, converge::event_id>, writers> written;
    auto const write = [&](std::size_t writer) {
        postgres_store store{begun.server.uri(), {.notify = false}};
        std::mt19937_64 random{writer};
        auto next_id = (writer + 1) * 1'000'000;
        for (std::size_t batch = 0; batch < batches; ++batch) {
            auto const name = std::to_string(writer) + "." + std::to_string(batch) + ".";
            wide_batch drawn{name, next_id};
            next_id += many;
            auto const kind = random() % 6;
            if (kind == 0) // of a stream that others write too
                drawn.add("shared", next_id, expected_version::any());
            if (kind == 1) { // perhaps it is there, perhaps another one writes it now
                drawn.add("new " + std::to_string(batch), next_id, none);
                drawn.add(name + "0", next_id + 1, expected_version::exactly(1));
            }
            if (kind == 2) {
                postgres_held held{begun.server.uri(), "converge"};
                held.append(drawn.together());
                std::this_thread::sleep_for(std::chrono::milliseconds{random() % 5});
                held.roll_back();
            }
            next_id += 2;
            auto const done = store.commit(drawn.together());
            if (done)
                for (std::size_t each = 0; each < done->size(); ++each)
                    written[writer][(*done)[each].first] = drawn.together().appends[each].events.front().id;
            if (kind == 3) {
                auto const event = event_of(next_id++);
                auto const at = append(store, "orders", "shared", expected_version::any(), {event}).value();
                written[writer][at.first] = event.id;
            }
        }
        --at_work;
    };
    std::vector<std::pair<position, converge::event_id>> seen;
    {
        std::vector<std::jthread> threads;
        for (std::size_t writer = 0; writer < writers; ++writer)
            threads.emplace_back(write, writer);
        position from = 1;
        for (bool last = false; !last;) {
            last = at_work == 0;
            from = begun.store.read("orders", from, 100, "orders", [&](auto const& each) {
                seen.emplace_back(each.position, each.id);
            });
            last = last && from == begun.store.head("orders");
        }
    }
    std::map<position, converge::event_id> all;
    for (auto const& each : written)
        all.insert(each.begin(), each.end());
    CHECK(all.size() > writers * batches * many / 2);
    CHECK(std::map<position, converge::event_id>(seen.begin(), seen.end()) == all);
    CHECK(seen.size() == all.size());
    CHECK(std::ranges::is_sorted(seen, {}, &std::pair<position, converge::event_id>::first));
    std::vector<converge::stream_version> versions;
    begun.store.read_stream("orders", "shared", 0, no_limit, "orders", [&](auto const& each) {
        versions.push_back(each.version);
    });
    for (std::size_t each = 0; each < versions.size(); ++each)
        CHECK(versions[each] == each + 1);
}
