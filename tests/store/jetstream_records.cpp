// SPDX-License-Identifier: MIT
#include <converge/testing/store_conformance_interruption.hpp>
#include <converge/testing/store_conformance_records.hpp>

#include <chrono>
#include <csignal>
#include <store/jetstream_fixture.hpp>
#include <store/relay.hpp>
#include <string>

// Records in JetStream: answers that are lost, what removed ones leave behind, and who may write which.
namespace {

using converge::jetstream_options;
using converge::jetstream_store;
using converge::store_trouble;
using namespace converge::testing::detail;
using namespace std::chrono_literals;

struct interrupted_fixture {
    nats_server server;
    jetstream_store open() const { return jetstream_store{server.url()}; }
    void interrupt() {
        server.end(SIGKILL);
        server.start();
    }
};

/// A store that loses the answer to what it writes: the second one, after that to its look at the record.
struct disturbed_store {
    int port = free_port();
    nats_server server{{.port = port}};
    jetstream_store other{server.url()};
    relay between{port};
    std::string url = "nats://127.0.0.1:" + std::to_string(between.port());
    jetstream_store store{url, {.attempt_timeout = 500ms}};
};

} // namespace

TEST_CASE("records survive a server that is killed and comes back") {
    CONVERGE_NEEDS_NATS_SERVER()
    interrupted_fixture fixture;
    records_survive(fixture, {.writers = 4});
}

TEST_CASE("a record whose answer was lost is written once, and recognises itself") {
    CONVERGE_NEEDS_NATS_SERVER()
    disturbed_store both;
    auto revision = both.store.write_record("lease", 0, "0").value();
    for (int number = 1; number < 6; ++number) {
        auto const lost = both.between.lost();
        both.between.lose_next_answer([] {}, 1);
        auto const value = std::to_string(number);
        auto const next = both.store.write_record("lease", revision, value).value();
        CHECK(both.between.lost() == lost + 1);
        CHECK(next == revision + 1); // one message
        check_record(both.other, "lease", next, value);
        revision = next;
    }
    both.between.lose_next_answer([] {}, 1);
    CHECK(both.store.remove_record("lease", revision));
    CHECK(!both.other.find_record("lease").has_value());
    both.between.lose_next_answer([] {}, 1);
    CHECK(both.store.write_record("lease", 0, "again").value() == revision + 2);
}

TEST_CASE("what nobody can know of a record whose answer was lost in JetStream is said") {
    CONVERGE_NEEDS_NATS_SERVER()
    disturbed_store both;
    auto const made = both.store.write_record("lease", 0, "first").value();
    both.between.lose_next_answer(
        [&] {
            auto const now = both.other.find_record("lease").value();
            CHECK(both.other.write_record("lease", now.revision, "another's").has_value());
        },
        1);
    auto const refused = refusal_of([&] { (void)both.store.write_record("lease", made, "mine"); });
    CHECK(refused.trouble == store_trouble::unavailable);
    CHECK(
        refused.message == both.url + ": cannot write record 'lease': an answer was lost, and the record has "
                                      "been changed; by this call or by another, nobody knows");
    CHECK(both.store.find_record("lease").value().value == "another's");
}

TEST_CASE("what a removed record leaves behind is no revision of a record") {
    CONVERGE_NEEDS_NATS_SERVER()
    auto const options = fresh_jetstream_options();
    jetstream_store store{shared_nats_server().url(), options};
    auto const made = store.write_record("lease", 0, "").value();
    CHECK(store.remove_record("lease", made));
    CHECK(!store.write_record("lease", made + 1, "late").has_value());
    CHECK(!store.remove_record("lease", made + 1));
    CHECK(store.find_records("").empty());
    CHECK(store.write_record("lease", 0, "").value() == made + 2);
}

TEST_CASE("a record that JetStream cannot hold, or that is not ours, is named") {
    CONVERGE_NEEDS_NATS_SERVER()
    SUBCASE("a message of somebody else") {
        auto const options = fresh_jetstream_options();
        jetstream_store store{shared_nats_server().url(), options};
        CHECK(store.write_record("lease", 0, "").has_value());
        converge::detail::jetstream_connection raw{shared_nats_server().url(), options};
        raw.ask({options.prefix + ".record.=.lease", "hello", {}}, "test");
        auto const expected = shared_nats_server().url() + ": message 2 of JetStream stream " +
                              options.prefix + "-records is not as converge writes it";
        auto const found = refusal_of([&] { (void)store.find_record("lease"); });
        CHECK(found.trouble == store_trouble::corrupt);
        CHECK(found.message == expected);
        CHECK(refusal_of([&] { (void)store.find_records(""); }).message == expected);
        CHECK(refusal_of([&] { (void)store.write_record("lease", 0, ""); }).message == expected);
    }
    SUBCASE("a stream of somebody else") {
        auto const options = fresh_jetstream_options();
        converge::detail::jetstream_connection raw{shared_nats_server().url(), options};
        auto const name = options.prefix + "-records";
        raw.ask(
            {"$JS.API.STREAM.CREATE." + name, R"({"name":")" + name + R"(","subjects":["x.z"]})", {}},
            "test");
        jetstream_store store{shared_nats_server().url(), options};
        CHECK(refusal_of([&] {
                  (void)store.write_record("lease", 0, "");
              }).trouble == store_trouble::not_a_store);
    }
    SUBCASE("a server that takes small messages only") {
        nats_server small{{.more = "max_payload: 10000"}};
        jetstream_store store{small.url()};
        auto const refused =
            refusal_of([&] { (void)store.write_record("lease", 0, std::string(10'000, 'x')); });
        CHECK(refused.trouble == store_trouble::invalid_argument);
        CHECK(
            refused.message ==
            "record 'lease' takes 11055 bytes, the server takes messages of up to 10000 (max_payload)");
    }
}

TEST_CASE("a user writes the records of its own folders alone") {
    CONVERGE_NEEDS_NATS_SERVER()
    auto const options_of = [](std::string const& user) {
        return jetstream_options{.timeout = 2s, .attempt_timeout = 500ms, .inbox_prefix = "_INBOX_" + user};
    };
    auto const configured = [&](std::string const& name, std::string_view folder) {
        converge::jetstream_user const user{.writes = {}, .reads = {}, .readers = {}, .records = {folder}};
        return "{ user: " + name + ", password: secret, " +
               to_configuration(converge::permissions_of(user, options_of(name))) + " }";
    };
    nats_server server{
        {.more = "authorization { users: [" + configured("orders", "workers/order/") + ", " +
                 configured("bills", "") + "] }"}};
    jetstream_store orders{server.url("orders", "secret"), options_of("orders")};
    jetstream_store bills{server.url("bills", "secret"), options_of("bills")};
    auto const revision = orders.write_record("workers/order/1", 0, "orders").value();
    CHECK(bills.write_record("note", 0, "bills").has_value());
    CHECK(orders.find_records("").size() == 2);
    auto const denied = [](auto work) {
        auto const refused = refusal_of(work);
        CHECK(refused.trouble == store_trouble::unavailable);
        CHECK_MESSAGE(refused.message.find("Permissions Violation") != std::string::npos, refused.message);
    };
    denied([&] { (void)bills.write_record("workers/order/1", revision, "bills"); });
    denied([&] { (void)bills.remove_record("workers/order/1", revision); });
    denied([&] { (void)orders.write_record("other", 0, ""); });
    check_record(orders, "workers/order/1", revision, "orders");
    CHECK(orders.remove_record("workers/order/1", revision));
}
