// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <optional>
#include <run/order.hpp>

namespace {

void append_raw(
    converge::memory_store& store, std::string_view module, std::string name, std::string payload) {
    converge::new_event const event{converge::random_event_id(), std::move(name), false, std::move(payload)};
    store.append({module, "raw", converge::expected_version::any(), {&event, 1}}).value();
}

std::vector<std::string> reasons(auto const& runner) {
    std::vector<std::string> all;
    for (auto const& item : runner.parked())
        all.push_back(
            item.kind + " " + item.module + "@" + std::to_string(item.position) + " " + item.name + ": " +
            item.reason);
    return all;
}

} // namespace

TEST_CASE("events that cannot be handled are parked with the reason, and the rest goes on") {
    converge::memory_store store;
    append_raw(store, "orders", "order_teleported", "{}");
    append_raw(store, "orders", "order_placed", "{");
    append_raw(store, "payments", "payment_received", R"({"order":"1"})");
    append_raw(store, "payments", "payment_received", R"({"order":"1","cents":"much"})");
    append_raw(store, "payments", "payment_received", R"({"order":"","cents":1})");
    append_raw(store, "payments", "payment_received", R"({"order":"whose?","cents":1})");
    pay(store, "1", 5);
    auto runner = std::make_optional(converge::make_runner<order_process>(store, bookkeeper{}));
    runner->catch_up();
    CHECK(standing(store).at("1") == "unknown paid open 5 0");
    auto const expected = std::vector<std::string>{
        "event orders@1 order_teleported: unknown event name",
        "event orders@2 order_placed: order_placed.no JSON at byte 1 of 1: incomplete JSON",
        "event payments@1 payment_received: payment_received.cents: missing",
        "event payments@2 payment_received: payment_received.cents: expected an integer, found a string",
        "event payments@3 payment_received: the event's key is empty",
        "event payments@4 payment_received: correlate threw: nobody's order"};
    CHECK(reasons(*runner) == expected);
    CHECK(runner->counts().parked == 6);
    // They stay parked, once, also when everything is read again.
    CHECK(runner->replay_parked() == 0);
    std::vector<converge::cursor> const lost{{"order", "orders", 0}, {"order", "payments", 0}};
    store.save_cursors(lost);
    runner.reset();
    runner.emplace(converge::make_runner<order_process>(store, bookkeeper{}));
    runner->catch_up();
    CHECK(reasons(*runner) == expected);
}

TEST_CASE("a key that no stream can be named after parks its event, and the rest goes on") {
    converge::memory_store store;
    std::size_t const longest = converge::maximum_stream_name - std::string_view{"converge/order/"}.size();
    place(store, std::string(longest, 'a'));
    converge::publish<orders::module>(store, "x", orders::order_placed{std::string(longest + 1, 'b')})
        .value();
    converge::publish<orders::module>(store, "x", orders::order_placed{std::string{"c\0d", 3}}).value();
    place(store, "2");
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    runner.catch_up();
    CHECK(
        reasons(runner) == std::vector<std::string>{
                               "event orders@2 order_placed: key '" + std::string(64, 'b') +
                                   "...' has 1010 bytes, at most 1009 are allowed",
                               "event orders@3 order_placed: key 'c\\x00d' has a NUL at byte 1"});
    CHECK(bookings(store) == std::vector<std::string>{std::string(longest, 'a') + ": greet", "2: greet"});
}

TEST_CASE("a parked event is replayed once its cause is gone, also after later events") {
    converge::memory_store store;
    auto first = std::make_optional(converge::make_runner<order_process>(store, bookkeeper{}));
    auto& runner = *first;
    much_is_paid::throws_at = 70;
    pay(store, "1", 70);
    runner.catch_up();
    CHECK(
        reasons(runner) ==
        std::vector<std::string>{
            "event payments@1 payment_received: the process threw: no opinion on this sum"});
    pay(store, "1", 40);
    cancel(store, "1");
    runner.catch_up();
    CHECK(standing(store).at("1") == "unknown paid cancelled 40 0");
    much_is_paid::throws_at = 110; // what the replay would come to
    CHECK(runner.replay_parked() == 0);
    CHECK(runner.parked().size() == 1);
    CHECK(standing(store).at("1") == "unknown paid cancelled 40 0");
    much_is_paid::throws_at = -1;
    CHECK(runner.replay_parked() == 1);
    CHECK(runner.replay_parked() == 0);
    runner.catch_up();
    CHECK(runner.parked().empty());
    CHECK(standing(store).at("1") == "unknown paid cancelled 110 0");
    CHECK(bookings(store) == std::vector<std::string>{"1: greet", "1: refund 40", "1: refund 70"});
    // What came after it is still known when everything is read again.
    std::vector<converge::cursor> const lost{{"order", "orders", 0}, {"order", "payments", 0}};
    store.save_cursors(lost);
    first.reset();
    converge::make_runner<order_process>(store, bookkeeper{}).catch_up();
    CHECK(standing(store).at("1") == "unknown paid cancelled 110 0");
}

TEST_CASE("a handler that throws is tried again, and at last its command is parked and can be replayed") {
    converge::memory_store store;
    std::size_t calls = 0;
    std::size_t fails = 2;
    auto runner = converge::make_runner<order_process>(
        store,
        [&](auto const& command, auto& context) {
            ++calls;
            if (fails > 0) {
                --fails;
                throw std::runtime_error{"the bank is closed"};
            }
            bookkeeper{}(command, context);
        },
        {.command_attempts = 3, .first_retry_after = std::chrono::milliseconds{0}});
    place(store, "1");
    runner.catch_up();
    CHECK(calls == 3);
    CHECK(bookings(store) == std::vector<std::string>{"1: greet"});
    CHECK(runner.parked().empty());

    fails = 3;
    place(store, "2");
    place(store, "3");
    runner.catch_up();
    CHECK(bookings(store) == std::vector<std::string>{"1: greet", "3: greet"});
    REQUIRE(runner.parked().size() == 1);
    auto const item = runner.parked().front();
    CHECK(item.kind == "command");
    CHECK(item.name == "greet");
    CHECK(item.reason == "the handler threw: the bank is closed");
    CHECK(runner.replay_parked() == 1);
    CHECK(runner.parked().empty());
    CHECK(bookings(store) == std::vector<std::string>{"1: greet", "3: greet", "2: greet"});
    CHECK(runner.counts().commands == 3);
    CHECK(runner.counts().parked == 1);
}

TEST_CASE("a handler may throw anything") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(
        store, [](auto const&) { throw 42; },
        {.command_attempts = 2, .first_retry_after = std::chrono::milliseconds{0}});
    place(store, "1");
    runner.catch_up();
    REQUIRE(runner.parked().size() == 1);
    CHECK(runner.parked().front().reason == "the handler threw: something that is no std::exception");
}

TEST_CASE("what is thrown need not be UTF-8 to be parked") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(
        store, [](auto const&) { throw std::runtime_error{"caf\xE9 \xF0\x9F\x9A"}; },
        {.command_attempts = 1, .first_retry_after = std::chrono::milliseconds{0}});
    place(store, "1");
    runner.catch_up();
    REQUIRE(runner.parked().size() == 1);
    CHECK(
        runner.parked().front().reason ==
        "the handler threw: caf\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a stop does not park the command under way") {
    converge::memory_store store;
    std::stop_source stop;
    auto runner = converge::make_runner<order_process>(
        store,
        [&](auto const& command, auto& context) {
            if (command.order == "2" && !stop.stop_requested()) {
                stop.request_stop();
                throw std::runtime_error{"the bank is closed"};
            }
            bookkeeper{}(command, context);
        },
        {.first_retry_after = std::chrono::milliseconds{500}, .jitter = converge::retry_jitter::none});
    for (auto const* order : {"1", "2", "3"})
        place(store, order);
    runner.catch_up(stop.get_token());
    CHECK(bookings(store) == std::vector<std::string>{"1: greet"});
    CHECK(runner.parked().empty());
    runner.catch_up(); // while the second order waits for its retry, the third is greeted
    CHECK(bookings(store) == std::vector<std::string>{"1: greet", "3: greet", "2: greet"});
    CHECK(runner.counts().commands == 3);
}

TEST_CASE("a handler's bad append is refused in its own call, and parks the command") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(
        store,
        [](auto const& command, auto& context) {
            context.template append_once<ledger::module>("", ledger::booked{command.order, "x", 0});
        },
        {.command_attempts = 1});
    place(store, "1");
    runner.catch_up();
    REQUIRE(runner.parked().size() == 1);
    CHECK(runner.parked().front().reason.find("stream") != std::string::npos);
    CHECK(store.head("ledger") == 0);
}
