// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <run/fixtures/shop_stores.hpp>

// A database that an older program has left behind, and what becomes of its instances.
namespace shop {
namespace {

using converge::fingerprint_of;
using converge::fingerprint_text;
using converge::migrate;
using converge::sqlite_store;

/// The deadlines that the last steps of the first version hold, by order and event: id and when they are due.
std::map<std::string, converge::pending_deadline> deadlines_of_first_version(sqlite_store& store) {
    std::map<std::string, converge::pending_deadline> all;
    for (auto const& [key, state] : converge::read_instances<one::order>(store))
        for (auto const& each : state.deadlines)
            all[key + (each.effect == 1 ? " overdue" : " timed out")] = each;
    return all;
}

/// The ids of events of a name, by the order that they are of.
template <class Store> std::map<std::string, converge::event_id> ids_of(Store& store, std::string_view name) {
    std::map<std::string, converge::event_id> all;
    store.read("payments", 0, ~std::size_t{0}, "nobody", [&](converge::event_view const& event) {
        if (event.name == name)
            all[std::string{event.stream}] = event.id;
    });
    return all;
}

/// A clock that stands still.
converge::runner_options at(converge::timestamp now) {
    return {.now = [now] { return now; }};
}
/// When the file was written: after its events and before its deadlines.
constexpr converge::timestamp then{(std::chrono::sys_days{std::chrono::year{2026} / 11 / 25} +
                                    std::chrono::hours{21} + std::chrono::minutes{43})
                                       .time_since_epoch()};
constexpr converge::timestamp distant_future{
    std::chrono::sys_days{std::chrono::year{2030} / 1 / 1}.time_since_epoch()};

/// The fixture, migrated and gone on with, beside the same events under the newest version from the start.
template <class Process> void check_like_begun_under(sqlite_store& store) {
    auto runner = converge::make_runner<Process>(store, bookkeeper{}, at(then));
    runner.catch_up();
    CHECK(runner.replay_parked() == 2); // the event that was unknown and the command that failed
    runner.catch_up();
    converge::memory_store reference;
    copy_events(store, reference);
    converge::make_runner<Process>(reference, bookkeeper{}, at(then)).catch_up();
    auto expected = balance(reference);
    expected["reminded: remind"] = 1; // has been sent before
    CHECK(balance(store) == expected);
    CHECK(standing<Process>(store) == standing<Process>(reference));
}

} // namespace

TEST_CASE("the database of an older program is still what its test believes") {
    older_database const file;
    CHECK(std::filesystem::file_size(file.path()) < 100'000);
    sqlite_store store{file.path()};
    auto const note = converge::detail::read_version_note<one::order>(store);
    REQUIRE(note.has_value());
    CHECK(note->declaration == fingerprint_text(fingerprint_of<one::order>));
    auto const all = standing<one::order>(store);
    CHECK(all.size() == 12);
    CHECK(
        all.at("just placed") == R"({"placement":"placed","cancellation":"open","payment":"awaiting",)"
                                 R"("reminder":"none"}{"paid_cents":0}2)");
    CHECK(
        all.at("awaiting") == R"({"placement":"placed","cancellation":"open","payment":"awaiting",)"
                              R"("reminder":"sent"}{"paid_cents":0}1)");
    CHECK(
        all.at("refunded") == R"({"placement":"placed","cancellation":"cancelled","payment":"paid",)"
                              R"("reminder":"none"}{"paid_cents":75}0)");
    CHECK_FALSE(all.contains("not yet read"));
    auto const booked = balance(store);
    CHECK_FALSE(booked.contains("not yet greeted: greet"));
    CHECK_FALSE(booked.contains("awaiting: remind"));
    CHECK_FALSE(booked.contains("parked command: ship"));
    CHECK(converge::detail::parked_items<one::order>(store).size() == 2);
}

TEST_CASE(
    "an older database is migrated in place and gone on with as if it had been begun by the newer program") {
    older_database const file;
    sqlite_store store{file.path()};
    std::vector<std::string> told;
    std::vector<std::string> parked_items;
    auto const counts = migrate<from_one_to_two>(
        store, {.batch_size = 7},
        converge::handlers{
            [&](converge::instance_migrated const& each) {
                told.push_back(std::string{each.key} + " " + std::to_string(each.step));
                CHECK(each.from == fingerprint_text(fingerprint_of<one::order>));
                CHECK(each.to == fingerprint_text(fingerprint_of<two::order>));
            },
            [&](converge::process_migrated const& all) {
                told.push_back(std::string{all.process} + " " + std::to_string(all.instances));
            },
            [&](converge::item_parked const& item) {
                parked_items.push_back(std::string{item.kind} + " " + std::string{item.name});
            }});
    CHECK(counts.instances == 12);
    CHECK(counts.commands == 7); // who has paid is thanked
    CHECK(counts.parked == 1);
    CHECK(
        told == std::vector<std::string>{
                    "parked event 3", "just placed 2", "awaiting 3", "reminded 3", "expired 3",
                    "paid a part 3", "shipped 4", "refunded 5", "cancelled at once 2", "parked command 3",
                    "never placed 2", "not yet greeted 3", "order 12"});
    CHECK(parked_items == std::vector<std::string>{"deadline payment_overdue"});
    check_like_begun_under<two::order>(store);
}

TEST_CASE("several evolutions are done one after the other, from wherever the store is") {
    older_database const file;
    sqlite_store store{file.path()};
    CHECK(migrate<from_one_to_two, from_two_to_three>(store).instances == 24);
    check_like_begun_under<three::order>(store);

    older_database const other;
    sqlite_store second{other.path()};
    CHECK(migrate<from_one_to_two>(second).instances == 12);
    converge::make_runner<two::order>(second, bookkeeper{}, at(then)).catch_up(); // reads one order more
    CHECK(migrate<from_one_to_two, from_two_to_three>(second).instances == 13);
    check_like_begun_under<three::order>(second);
}

TEST_CASE("a migration that is done is not done again, and an empty store is left as it is") {
    older_database const file;
    sqlite_store store{file.path()};
    migrate<from_one_to_two>(store);
    auto const before = records(store, "orders");
    auto const counts = migrate<from_one_to_two>(store);
    CHECK(counts.instances == 0);
    CHECK(records(store, "orders") == before);

    converge::memory_store empty;
    CHECK(migrate<from_one_to_two>(empty).instances == 0);
    CHECK(empty.head("orders") == 0);
    CHECK_NOTHROW((void)converge::make_runner<two::order>(empty, bookkeeper{}, at(then)));
    CHECK_NOTHROW(migrate<from_one_to_two>(empty));

    converge::memory_store idle; // a runner was there, and no event
    {
        auto const runner = converge::make_runner<one::order>(idle, bookkeeper{});
    }
    CHECK(migrate<from_one_to_two>(idle).instances == 0);
    CHECK_NOTHROW((void)converge::make_runner<two::order>(idle, bookkeeper{}, at(then)));
}

TEST_CASE(
    "commands that were not handed over go to the newer handler, or are parked if it has none for them") {
    older_database const file;
    sqlite_store store{file.path()};
    migrate<from_one_to_two>(store);
    auto runner = converge::make_runner<two::order>(store, bookkeeper{}, at(then));
    runner.catch_up();
    auto const booked = balance(store);
    CHECK(booked.at("not yet greeted: greet") == 1);
    CHECK(booked.at("not yet greeted: ship") == 1);
    CHECK(booked.at("refunded: refund") == 75);
    CHECK(booked.at("not yet read: greet") == 1);
    CHECK_FALSE(booked.contains("awaiting: remind"));
    CHECK(
        parked(runner) == std::vector<std::string>{
                              "event payments@2 payment_disputed: unknown event name",
                              "command orders@32 ship: the handler threw: the carrier is on strike",
                              "deadline orders@14 payment_overdue: declaration " +
                                  fingerprint_text(fingerprint_of<two::order>) +
                                  " has no deadline of this event, it was due at 2026-11-25 21:47:33 UTC",
                              "command orders@41 remind: the process has no command of this name"});
    CHECK(runner.replay_parked() == 2);
    CHECK(parked(runner).size() == 2); // what this version does not know stays
    CHECK(balance(store).at("parked command: ship") == 1);
    CHECK(standing<two::order>(store).at("parked event").find(R"("dispute":"open")") != std::string::npos);
}

TEST_CASE("deadlines keep their id and time, also when the newer program would give more time") {
    older_database const file;
    sqlite_store store{file.path()};
    auto const before = deadlines_of_first_version(store);
    CHECK(before.size() == 4);
    migrate<from_one_to_two, from_two_to_three>(store);
    auto const due = before.at("just placed timed out").due;
    converge::make_runner<three::order>(store, bookkeeper{}, at(due - std::chrono::microseconds{1}))
        .catch_up();
    CHECK(ids_of(store, "payment_timed_out").size() == 1); // "expired" has had it before
    converge::make_runner<three::order>(store, bookkeeper{}, at(due)).catch_up();
    CHECK(ids_of(store, "payment_timed_out").size() == 2);
    converge::make_runner<three::order>(store, bookkeeper{}, at(distant_future)).catch_up();
    auto const fired = ids_of(store, "payment_timed_out");
    for (auto const* order : {"just placed", "awaiting", "reminded"})
        CHECK(fired.at(order) == before.at(std::string{order} + " timed out").id);
    CHECK(fired.contains("not yet read"));
    CHECK_FALSE(ids_of(store, "payment_overdue").contains("just placed"));
    auto const all = standing<three::order>(store);
    for (auto const* order : {"just placed", "awaiting", "reminded", "expired", "not yet read"})
        CHECK(all.at(order).find(R"("payment":"late")") != std::string::npos);
}

TEST_CASE("what comes after a migration is of the newer declaration") {
    older_database const file;
    sqlite_store store{file.path()};
    migrate<from_one_to_two>(store);
    deliver(store, "shipped", "a parcel");
    cancel(store, "shipped");
    cancel(store, "awaiting");
    pay(store, "cancelled at once", 20);
    auto runner = converge::make_runner<two::order>(store, bookkeeper{}, at(then));
    runner.catch_up();
    CHECK(runner.replay_parked() == 2);
    auto const booked = balance(store);
    CHECK(booked.at("shipped: ship") == 1);
    CHECK(booked.at("shipped: recall") == 1);
    CHECK(booked.at("shipped: refund") == 120);
    CHECK(booked.at("cancelled at once: refund") == 20);
    CHECK(booked.at("cancelled at once: thank") == 1);
    auto const all = standing<two::order>(store);
    CHECK(
        all.at("shipped") == R"({"delivery":"delivered","standing":"cancelled","payment":"settled",)"
                             R"("dispute":"none"}{"parcels":["a parcel"],"paid_cents":120}0)");
    CHECK(all.at("awaiting").ends_with("0"));
    // Also when all events are read again.
    auto const before = records(store, "orders");
    std::vector<converge::cursor> const lost{{"order", "orders", 0}, {"order", "payments", 0}};
    store.save_cursors(lost);
    auto again = std::make_optional(std::move(runner));
    again.reset();
    converge::make_runner<two::order>(store, bookkeeper{}, at(then)).catch_up();
    CHECK(records(store, "orders") == before);
    CHECK(balance(store) == booked);
}

TEST_CASE("a long log is migrated in small batches") {
    converge::memory_store store;
    for (int order = 0; order < 3'000; ++order)
        place(store, std::to_string(order));
    converge::make_runner<one::order>(store, bookkeeper{}).catch_up();
    CHECK(migrate<from_one_to_two>(store, {.batch_size = 64}).instances == 3'000);
    CHECK(standing<two::order>(store).size() == 3'000);
    converge::make_runner<two::order>(store, bookkeeper{}, at(then)).catch_up();
    CHECK(balance(store).size() == 3'000);
}

} // namespace shop
