// SPDX-License-Identifier: MIT
#include <converge/store/commit_atomically.hpp>
#include <converge/testing/store_conformance.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <store/jetstream_fixture.hpp>
#include <thread>

namespace {

using converge::expected_version;
using converge::jetstream_options;
using converge::jetstream_store;
using converge::store_trouble;
using namespace converge::testing::detail;
using namespace std::chrono_literals;

auto const any = expected_version::any();
auto const none = expected_version::none();

static_assert(converge::event_log<jetstream_store>);
static_assert(converge::cursor_store<jetstream_store>);
static_assert(converge::pipelined_log<jetstream_store>);
static_assert(converge::record_store<jetstream_store>);
static_assert(!converge::atomic_batch_log<jetstream_store>); // JetStream has no transactions
static_assert(!decltype(converge::atomic_batches<jetstream_store>)::holds);

struct jetstream_fixture {
    jetstream_options options = fresh_jetstream_options();
    jetstream_store open() const { return jetstream_store{shared_nats_server().url(), options}; }
};

} // namespace

TEST_CASE("the JetStream store keeps the promises of the contract") {
    CONVERGE_NEEDS_NATS_SERVER()
    converge::testing::store_conformance([] { return jetstream_fixture{}; });
}

TEST_CASE("an inbox may go while an answer to it is on the way") {
    CONVERGE_NEEDS_NATS_SERVER()
    converge::detail::jetstream_connection raw{shared_nats_server().url(), fresh_jetstream_options()};
    for (int round = 0; round < 3'000; ++round) { // with cnats 3.4 and no care a few of them crash
        auto const [subject, inbox] = raw.new_inbox();
        for (auto const* const number : {"1", "2", "3", "4"})
            raw.publish({"$JS.API.INFO", {}, {}}, subject + number);
        std::this_thread::sleep_for(std::chrono::microseconds{round % 100});
    }
    CHECK(raw.losses() == 0);
}

TEST_CASE("an id is known when the server has long forgotten it") {
    CONVERGE_NEEDS_NATS_SERVER()
    auto options = fresh_jetstream_options();
    options.duplicate_window = 100ms; // the least that a server takes
    jetstream_store store{shared_nats_server().url(), options};
    auto const first = append(store, "orders", "one", none, {event_of(1), event_of(2)}).value();
    append(store, "orders", "one", any, {event_of(3)}).value();
    std::this_thread::sleep_for(400ms);
    jetstream_store other{shared_nats_server().url(), options};
    for (auto const* stream : {"one", "two"}) // in the same stream, and in another
        for (auto const expected : {any, none, expected_version::exactly(9)}) {
            auto const again = append(other, "orders", stream, expected, {event_of(1), event_of(2)}).value();
            CHECK(again.repeated);
            CHECK(again.first == first.first);
            CHECK(again.last == first.last);
            CHECK(again.version == 2);
        }
    CHECK(append(other, "orders", "two", none, {event_of(2)}).value().first == first.last);
    CHECK(all_of(other, "orders").size() == 3);
}

TEST_CASE("a server that is killed knows what it has acknowledged, and which ids") {
    CONVERGE_NEEDS_NATS_SERVER()
    nats_server server{{.durable = true}};
    if (!server.durable())
        MESSAGE("not every write waits for the disk: neither server nor file system can do that here");
    jetstream_store store{server.url()};
    std::uint64_t number = 0;
    for (int round = 0; round < 3; ++round) {
        for (auto const end = number + 20; number < end; ++number)
            CHECK(
                append(store, "orders", "one", expected_version::exactly(number), {event_of(number)})
                    .value()
                    .version == number + 1);
        server.end(SIGKILL);
        server.start();
        auto const again = append(store, "orders", "one", none, {event_of(0)}).value(); // it reconnects
        CHECK(again.repeated);
        CHECK(all_of(store, "orders").size() == number);
    }
}

TEST_CASE("a stream changes sides as often as it likes, and versions go on") {
    CONVERGE_NEEDS_NATS_SERVER()
    auto const options = fresh_jetstream_options();
    jetstream_store one{shared_nats_server().url(), options};
    jetstream_store other{shared_nats_server().url(), options};
    for (auto const* stream : {"plain", "converge/begins internal"})
        for (std::uint64_t number = 0; number < 40; ++number) {
            auto& store = number % 3 == 0 ? one : other; // whose view of the stream is old each time
            auto const id = (stream[0] == 'p' ? 1000U : 2000U) + number;
            auto const internal = number % 4 < 2 || number % 5 == 0;
            auto const done = append(
                store, "orders", stream, expected_version::exactly(number),
                {internal ? internal_event_of(id) : event_of(id)});
            CHECK(done.value().version == number + 1);
            auto const last = other.last_of_stream("orders", stream, "orders").value();
            CHECK(last.version == number + 1);
            CHECK(last.position == done.value().last);
            CHECK(last.internal == internal);
            CHECK(!append(other, "orders", stream, expected_version::exactly(number), {event_of(99'999)}));
        }
    for (auto const* stream : {"plain", "converge/begins internal"}) {
        CHECK(read_stream(one, "orders", stream, 0, no_limit, "orders").size() == 40);
        auto const seen = read_stream(one, "orders", stream, 0, no_limit, "bills");
        auto const last = one.last_of_stream("orders", stream, "bills").value();
        CHECK(last.id == seen.back().id);
        CHECK(last.position == seen.back().position);
        CHECK(last.version == seen.back().version);
        CHECK(last.recorded_at == seen.back().recorded_at);
    }
    auto const all = all_of(one, "orders");
    CHECK(all.size() == 80);
    CHECK(std::ranges::is_sorted(all, std::ranges::less_equal{}, &converge::recorded_event::position));
}

TEST_CASE("what a writer left that died before its event is cleared away") {
    CONVERGE_NEEDS_NATS_SERVER()
    auto const options = fresh_jetstream_options();
    jetstream_store store{shared_nats_server().url(), options};
    append(store, "orders", "one", none, {event_of(1)}).value();
    converge::detail::jetstream_connection raw{shared_nats_server().url(), options};
    converge::detail::jetstream_module const names{options.prefix, "orders"};
    using converge::detail::conditional_publication;
    using converge::detail::jetstream_side;
    auto const publish = [&](converge::detail::jetstream_request const& message) {
        return converge::detail::read_receipt(raw, "test", raw.ask(message, "test")).sequence;
    };
    auto const reserve = [&](std::uint64_t id, std::string const& stream, std::uint64_t after) {
        CHECK(publish(conditional_publication(
            names.id_subject(id_of(id)),
            converge::detail::encode_place({stream, jetstream_side::public_, after}), 0)));
    };
    auto const late_event = [&](std::uint64_t id, std::string const& stream, std::uint64_t after) {
        auto const event = event_of(id);
        return publish(conditional_publication(
            names.subject(jetstream_side::public_, stream),
            converge::detail::encode_jetstream_events(after == 0 ? 1 : 2, stream, {&event, 1}), after));
    };
    SUBCASE("a reservation; the same append comes again") {
        reserve(2, "one", 1);
        CHECK(
            append(store, "orders", "one", expected_version::exactly(1), {event_of(2)}).value().version == 2);
        CHECK(late_event(2, "one", 1) == 0);
    }
    SUBCASE("a reservation; the id comes in another stream, and its writer was only slow") {
        reserve(2, "two", 0);
        auto const done = append(store, "orders", "one", expected_version::exactly(1), {event_of(2)}).value();
        CHECK(done.version == 2);
        CHECK(!done.repeated);
        CHECK(late_event(2, "two", 0) == 0); // fenced
        CHECK(append(store, "orders", "two", none, {event_of(2)}).value().first == done.first);
        CHECK(append(store, "orders", "two", none, {event_of(3)}).value().version == 1);
    }
    SUBCASE("a reservation whose event arrived before anybody looked") {
        reserve(2, "two", 0);
        auto const sequence = late_event(2, "two", 0);
        CHECK(sequence != 0);
        auto const again = append(store, "orders", "one", any, {event_of(2)}).value();
        CHECK(again.repeated);
        CHECK(again.first == converge::detail::jetstream_position(sequence, 1, 0));
    }
    SUBCASE("a reservation of a place that another event has taken") {
        reserve(2, "one", 0);
        CHECK(append(store, "orders", "two", none, {event_of(2)}).value().version == 1);
    }
    SUBCASE("a marker that closes the public side") {
        CHECK(publish(conditional_publication(
            names.subject(jetstream_side::public_, "one"),
            converge::detail::encode_jetstream_marker(
                converge::detail::jetstream_kind::closed, 1, "one", std::nullopt),
            1)));
        CHECK(
            append(store, "orders", "one", expected_version::exactly(1), {event_of(2)}).value().version == 2);
    }
    auto const events = all_of(store, "orders");
    std::vector<converge::event_id> ids = ids_of(events);
    std::ranges::sort(ids);
    CHECK(std::ranges::adjacent_find(ids) == ids.end());
}

TEST_CASE("many appends wait together, each with its own result") {
    CONVERGE_NEEDS_NATS_SERVER()
    auto options = fresh_jetstream_options();
    options.publish_window = 7; // fewer than there are
    jetstream_store store{shared_nats_server().url(), options};
    append(store, "orders", "taken", none, {event_of(1)}).value();
    append(store, "orders", "one", none, {event_of(2)}).value();
    std::vector<converge::new_event> events;
    for (std::uint64_t number = 10; number < 60; ++number)
        events.push_back(event_of(number));
    auto const repeat = event_of(2);
    auto const kept = internal_event_of(70);
    std::vector<converge::append_request> requests;
    std::vector<std::string> names;
    for (std::size_t number = 0; number < 50; ++number)
        names.push_back("stream " + std::to_string(number % 10));
    for (std::size_t number = 0; number < 50; ++number)
        requests.push_back(
            {"orders", names[number], expected_version::exactly(number / 10), {&events[number], 1}});
    requests.push_back({"orders", "taken", none, {&events[0], 0}});
    requests.back().events = {&kept, 1};                           // 50: refused
    requests.push_back({"orders", "taken", any, {&events[0], 1}}); // 51: as the one before
    requests.push_back({"orders", "one", expected_version::exactly(5), {&repeat, 1}}); // 52: a repeat
    requests.push_back({"bills", "one", none, {&repeat, 1}});                          // 53: another module
    auto const results = store.append_each(requests);
    REQUIRE(results.size() == 54);
    for (std::size_t number = 0; number < 50; ++number)
        CHECK(results[number].value().version == number / 10 + 1);
    for (std::size_t number : {50U, 51U}) {
        REQUIRE(!results[number].has_value());
        CHECK(results[number].error().request == number);
        CHECK(results[number].error().actual == 1);
    }
    CHECK(results[52].value().repeated);
    CHECK(!results[53].value().repeated);
    CHECK(all_of(store, "orders").size() == 52);
    CHECK(store.append_each({}).empty());
}

TEST_CASE("a cursor that somebody else has moved is not overwritten") {
    CONVERGE_NEEDS_NATS_SERVER()
    auto const options = fresh_jetstream_options();
    jetstream_store one{shared_nats_server().url(), options};
    jetstream_store other{shared_nats_server().url(), options};
    auto const save = [](jetstream_store& store, converge::position at) {
        converge::cursor const moved{"order", "payments", at};
        store.save_cursors({&moved, 1});
    };
    save(one, 3);
    CHECK(other.load_cursor("order", "payments") == 3);
    save(other, 5);
    auto const refused = refusal_of([&] { save(one, 4); });
    CHECK(refused.trouble == store_trouble::in_use);
    CHECK(
        refused.message == shared_nats_server().url() +
                               ": cannot save the cursor of reader 'order' in module 'payments': another "
                               "runner has moved it to 5");
    CHECK_NOTHROW(save(one, 5)); // to the same place
    CHECK(one.load_cursor("order", "payments") == 5);
    CHECK_NOTHROW(save(one, 2)); // back, for it knows
    CHECK(other.load_cursor("order", "payments") == 2);
}

TEST_CASE("what JetStream cannot hold is refused with the reason") {
    CONVERGE_NEEDS_NATS_SERVER()
    nats_server small{{.more = "max_payload: 100000"}};
    jetstream_store store{small.url()};
    auto large = event_of(1);
    large.payload.assign(100'000, 'x');
    auto const refused = refusal_of([&] { (void)append(store, "orders", "one", any, {large}); });
    CHECK(refused.trouble == store_trouble::invalid_argument);
    CHECK(
        refused.message == "an append to stream 'one' takes 101073 bytes, the server takes messages of up to "
                           "100000 (max_payload)");
    auto const mixed =
        refusal_of([&] { (void)append(store, "orders", "one", any, {event_of(1), internal_event_of(2)}); });
    CHECK(mixed.trouble == store_trouble::invalid_argument);
    CHECK(mixed.message.starts_with(
        "an append to stream 'one' has public and internal events, which JetStream"));
    auto const many = refusal_of([&] { (void)append(store, "orders", "one", any, events_of(1, 10'001)); });
    CHECK(many.trouble == store_trouble::invalid_argument);
    CHECK(store.head("orders") == 0);
}

TEST_CASE("servers and streams that are not what they should be are named") {
    CONVERGE_NEEDS_NATS_SERVER()
    SUBCASE("nobody listens") {
        auto const url = "nats://127.0.0.1:" + std::to_string(free_port());
        auto const refused = refusal_of([&] { jetstream_store{url}; });
        CHECK(refused.trouble == store_trouble::unavailable);
        CHECK(refused.message.starts_with(url + ": cannot connect: "));
    }
    SUBCASE("a password is nobody's business") {
        auto const port = std::to_string(free_port());
        auto const refused = refusal_of(
            [&] { jetstream_store{"nats://me:secret@127.0.0.1:" + port + ",nats://127.0.0.1:" + port}; });
        CHECK(refused.message.starts_with(
            "nats://127.0.0.1:" + port + ",nats://127.0.0.1:" + port + ": cannot"));
    }
    SUBCASE("options that cannot be") {
        auto const url = shared_nats_server().url();
        for (auto const& options :
             {jetstream_options{.prefix = "a.b"}, jetstream_options{.prefix = ""},
              jetstream_options{.replicas = 6}, jetstream_options{.publish_window = 0}})
            CHECK(refusal_of([&] {
                      jetstream_store{url, options};
                  }).trouble == store_trouble::invalid_argument);
    }
    SUBCASE("more replicas than servers") {
        auto options = fresh_jetstream_options();
        options.replicas = 3;
        jetstream_store store{shared_nats_server().url(), options};
        auto const refused = refusal_of([&] { (void)append(store, "orders", "one", any, {event_of(1)}); });
        CHECK(refused.trouble == store_trouble::unavailable);
        CHECK(refused.message.find("cannot create the JetStream stream") != std::string::npos);
        CHECK(refused.message.find("replicas > 1 not supported in non-clustered mode") != std::string::npos);
    }
    SUBCASE("a server without JetStream, or one that went away") {
        nats_server server;
        jetstream_store store{server.url(), {.timeout = 500ms, .attempt_timeout = 100ms}};
        append(store, "orders", "one", any, {event_of(1)}).value();
        server.end(SIGKILL);
        auto const begin = std::chrono::steady_clock::now();
        auto const refused = refusal_of([&] { (void)append(store, "orders", "one", any, {event_of(2)}); });
        CHECK(refused.trouble == store_trouble::unavailable);
        CHECK(refused.message.find("no answer within 500 ms") != std::string::npos);
        CHECK(std::chrono::steady_clock::now() - begin < 5s);
        CHECK(refusal_of([&] { (void)all_of(store, "orders"); }).trouble == store_trouble::unavailable);
        server.start();
        CHECK(append(store, "orders", "one", any, {event_of(2)}).value().version == 2);
        CHECK(all_of(store, "orders").size() == 2);
    }
    SUBCASE("a stream of somebody else") {
        auto const options = fresh_jetstream_options();
        converge::detail::jetstream_connection raw{shared_nats_server().url(), options};
        auto const name = options.prefix + "-log-orders";
        raw.ask(
            {"$JS.API.STREAM.CREATE." + name, R"({"name":")" + name + R"(","subjects":["x.y"]})", {}},
            "test");
        jetstream_store store{shared_nats_server().url(), options};
        auto const refused = refusal_of([&] { (void)append(store, "orders", "one", any, {event_of(1)}); });
        CHECK(refused.trouble == store_trouble::not_a_store);
        CHECK(
            refused.message == shared_nats_server().url() + ": JetStream stream " + name +
                                   " is not one of converge; it was left as it is");
    }
    SUBCASE("a message of somebody else in the log") {
        auto const options = fresh_jetstream_options();
        jetstream_store store{shared_nats_server().url(), options};
        append(store, "orders", "one", any, {event_of(1)}).value();
        converge::detail::jetstream_connection raw{shared_nats_server().url(), options};
        raw.ask({options.prefix + ".log.orders.public.two", "hello", {}}, "test");
        auto const refused = refusal_of([&] { (void)all_of(store, "orders"); });
        CHECK(refused.trouble == store_trouble::corrupt);
        CHECK(
            refused.message == shared_nats_server().url() + ": message 2 of JetStream stream " +
                                   options.prefix + "-log-orders is not as converge writes it");
    }
}
