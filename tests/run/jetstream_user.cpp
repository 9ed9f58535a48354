// SPDX-License-Identifier: MIT
#include <converge/store/jetstream.hpp>
#include <converge/store/jetstream/permissions.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <run/order.hpp>
#include <store/nats_server.hpp>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;

// Readers and records have the names that a user of a server is told to be allowed.

TEST_CASE("the readers and the records of a process manager have names") {
    CHECK(
        converge::reader_names<order_process>() ==
        std::vector<std::string>{"order", "order.commands", "order.deadlines", "order.deadlines.fired"});
    CHECK(
        converge::reader_names<order_process>(2) ==
        std::vector<std::string>{
            "order#0/2", "order#1/2", "order.commands#0/2", "order.commands#1/2", "order.deadlines#0/2",
            "order.deadlines#1/2", "order.deadlines#0/2.fired", "order.deadlines#1/2.fired"});
    CHECK(
        converge::record_folders<order_process>() ==
        std::vector<std::string>{
            "converge/workers/order/", "converge/leases/order/", "converge/partitions/"});
}

TEST_CASE("a worker needs no more of a NATS server than its user is allowed") {
    if (auto const reason = no_nats_server(); !reason.empty()) {
        MESSAGE(reason);
        return;
    }
    converge::jetstream_options const options{
        .timeout = 5s, .attempt_timeout = 1s, .inbox_prefix = "_INBOX_orders"};
    auto const readers = converge::reader_names<order_process>(2);
    auto const folders = converge::record_folders<order_process>();
    auto const configured = [&](std::size_t known_readers) {
        converge::jetstream_user const user{
            .writes = {"orders", "payments", "ledger"},
            .reads = {},
            .readers = {readers.begin(), readers.begin() + static_cast<std::ptrdiff_t>(known_readers)},
            .records = {folders.begin(), folders.end()}};
        return "authorization { users: [{ user: orders, password: secret, " +
               to_configuration(converge::permissions_of(user, options)) + " }] }";
    };
    auto const work = [&](nats_server const& server) {
        converge::jetstream_store store{server.url("orders", "secret"), options};
        for (auto const* order : {"1", "2", "3", "4", "5", "6"})
            place(store, order);
        converge::timestamp now =
            std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
        converge::worker_options sharing;
        sharing.partitions = 2;
        sharing.running.now = [&] { return now; };
        auto worker = converge::make_worker<order_process>(store, bookkeeper{}, sharing);
        worker.catch_up();
        now += 1h; // the payments time out
        worker.catch_up();
        worker.leave();
        CHECK(bookings(store).size() == 6);
        CHECK(worker.parked().empty());
    };
    SUBCASE("all of them") { work(nats_server{{.more = configured(readers.size())}}); }
    SUBCASE("and no less") {
        CHECK_THROWS_WITH_AS(
            work(nats_server{{.more = configured(readers.size() - 1)}}),
            doctest::Contains("Permissions Violation"), converge::store_error);
    }
}
