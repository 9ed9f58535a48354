// SPDX-License-Identifier: MIT
#include <chrono>
#include <store/jetstream_fixture.hpp>

// The server keeps a foreign module from what is internal, whatever its client asks for.

namespace {

using converge::jetstream_options;
using converge::jetstream_store;
using converge::store_trouble;
using namespace converge::testing::detail;
using namespace std::chrono_literals;

jetstream_options options_of(std::string const& user) {
    return {.timeout = 2s, .attempt_timeout = 500ms, .inbox_prefix = "_INBOX_" + user};
}

/// A user of the server with exactly the permissions that it needs.
std::string configured(std::string const& name, converge::jetstream_user const& user) {
    return "{ user: " + name + ", password: secret, " +
           to_configuration(converge::permissions_of(user, options_of(name))) + " }";
}

} // namespace

TEST_CASE("a foreign module reads what is public, and the server refuses it the rest") {
    CONVERGE_NEEDS_NATS_SERVER()
    nats_server server{
        {.more = "authorization { users: [" +
                 configured("orders", {.writes = {"orders"}, .reads = {}, .readers = {"order"}}) + ", " +
                 configured("bills", {.writes = {"bills"}, .reads = {"orders"}, .readers = {"bill"}}) +
                 "] }"}};
    auto const any = converge::expected_version::any();
    jetstream_store orders{server.url("orders", "secret"), options_of("orders")};
    for (std::uint64_t number = 0; number < 10; ++number)
        append(orders, "orders", "one", any, {number % 3 == 0 ? internal_event_of(number) : event_of(number)})
            .value();
    CHECK(all_of(orders, "orders").size() == 10);
    converge::cursor const at{"order", "orders", 5};
    orders.save_cursors({&at, 1});
    CHECK(orders.load_cursor("order", "orders") == 5);

    auto const url = server.url("bills", "secret");
    jetstream_store bills{url, options_of("bills")};
    SUBCASE("what it may") {
        auto const seen = read(bills, "orders", 0, no_limit, "bills");
        CHECK(seen.events.size() == 6);
        CHECK(seen.through >= orders.head("orders"));
        for (auto const& each : seen.events)
            CHECK(!each.internal);
        CHECK(read_stream(bills, "orders", "one", 0, no_limit, "bills").size() == 6);
        CHECK(bills.last_of_stream("orders", "one", "bills").value().id == id_of(8));
    }
    SUBCASE("its own") {
        append(bills, "bills", "one", any, {internal_event_of(1), internal_event_of(2)}).value();
        CHECK(all_of(bills, "bills").size() == 2);
        converge::cursor const own{"bill", "orders", 7};
        bills.save_cursors({&own, 1});
        CHECK(bills.load_cursor("bill", "orders") == 7);
    }
    auto const denied = [&](auto work) {
        auto const refused = refusal_of(work);
        CHECK(refused.trouble == store_trouble::unavailable);
        CHECK_MESSAGE(refused.message.find("Permissions Violation") != std::string::npos, refused.message);
    };
    SUBCASE("to pretend to be the module") {
        denied([&] { (void)all_of(bills, "orders"); });
        denied([&] { (void)bills.last_of_stream("orders", "one", "orders"); });
        denied([&] { (void)read_stream(bills, "orders", "one", 0, no_limit, "orders"); });
        denied([&] { (void)append(bills, "orders", "one", any, {event_of(50)}); });
        denied([&] {
            converge::cursor const foreign{"order", "orders", 9999};
            bills.save_cursors({&foreign, 1});
        });
    }
    SUBCASE("to ask the server itself") {
        converge::detail::jetstream_connection raw{url, options_of("bills")};
        auto const log = std::string{"converge-log-orders"};
        auto const ask = [&](std::string const& subject, std::string const& body) {
            denied([&] { (void)raw.ask({subject, body, {}}, "ask"); });
        };
        ask("$JS.API.DIRECT.GET." + log + ".converge.log.orders.internal.one", "");
        ask("$JS.API.DIRECT.GET." + log, R"({"seq":1})");
        ask("$JS.API.STREAM.MSG.GET." + log, R"({"seq":1})");
        ask("$JS.API.STREAM.INFO." + log, R"({"subjects_filter":">"})");
        ask("$JS.API.CONSUMER.CREATE." + log, R"({"stream_name":"converge-log-orders","config":{}})");
        ask("$JS.API.CONSUMER.CREATE." + log + ".x",
            R"({"stream_name":"converge-log-orders","config":{"name":"x"}})");
        ask("$JS.API.CONSUMER.CREATE." + log + ".x.converge.log.orders.internal.*",
            R"({"stream_name":"converge-log-orders","config":{"name":"x","filter_subject":"converge.log.orders.internal.*"}})");
        ask("$JS.API.CONSUMER.NAMES." + log, "");
        ask("$JS.API.STREAM.DELETE." + log, "");
        ask("converge.log.orders.public.one", "forged");
        // A permitted subject with another filter in its body is the server's to refuse.
        auto const answer = converge::detail::read_answer(raw.ask(
            {"$JS.API.CONSUMER.CREATE." + log + ".x.converge.log.orders.public.*",
             R"({"stream_name":"converge-log-orders","config":{"name":"x","filter_subject":"converge.log.orders.internal.*","ack_policy":"none"}})",
             {}},
            "ask"));
        CHECK(answer.error != 0);
        // Nor can it listen to what is being written.
        natsSubscription* listening = nullptr;
        natsConnection_SubscribeSync(&listening, raw.get(), "converge.log.orders.>");
        converge::detail::nats_subscription const subscription{listening, {raw.get()}};
        natsConnection_Flush(raw.get());
        append(orders, "orders", "one", any, {internal_event_of(60)}).value();
        natsMsg* overheard = nullptr;
        CHECK(natsSubscription_NextMsg(&overheard, listening, 200) != NATS_OK);
        CHECK(overheard == nullptr);
    }
}
