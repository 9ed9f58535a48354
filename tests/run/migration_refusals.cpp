// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/testing/fake_clock.hpp>

#include <doctest/doctest.h>

#include <run/fixtures/shop_stores.hpp>
#include <stdexcept>

// What cannot be migrated is refused before anything is written, with a list of where the instances stand.
namespace shop {
namespace {

using converge::effect, converge::when, converge::holds, converge::undone_by, converge::row, converge::stay;
using converge::fingerprint_of;
using converge::fingerprint_text;

template <class Old, class New> std::string between() {
    return fingerprint_text(fingerprint_of<Old>) + " to " + fingerprint_text(fingerprint_of<New>);
}

/// What the migration says, and that it wrote nothing.
template <class... Evolutions, class Store> std::string refusal(Store& store) {
    auto const before = records(store, "orders");
    auto const text = said<converge::process_changed>([&] { converge::migrate<Evolutions...>(store); });
    CHECK(records(store, "orders") == before);
    return text;
}

struct base {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<orders, one::payments>;
    using machines = converge::machines<one::placement, one::payment>;
    using data = converge::folds<paid_cents>;
    using repeats = converge::repeats<payment_received>;
    static auto correlate(auto const& event) { return event.order; }
};

// --- a combination of states that no history of the old process leads to

struct paid_when_placed : base {
    using environment = converge::environment<
        converge::happens_before<order_placed, payment_received>,
        converge::happens_before<order_placed, payment_timed_out>>;
};
struct paid_order {
    struct unknown;
    struct placed;
    struct paid;
    static constexpr converge::name name{"order"};
    using transitions = converge::transitions<
        row<unknown, order_placed, placed>, stay<unknown, payment_received>,
        row<placed, payment_received, paid>, stay<placed, order_placed>,
        stay<paid, order_placed, payment_received>>;
};
struct one_machine : base {
    using machines = converge::machines<paid_order>;
    using environment = converge::environment<converge::happens_before<order_placed, payment_received>>;
};
struct as_one_machine
    : converge::evolves<
          paid_when_placed, one_machine,
          converge::moves<when<one::placement::unknown, one::payment::awaiting>, paid_order::unknown>,
          converge::moves<when<one::placement::placed, one::payment::awaiting>, paid_order::placed>,
          converge::moves<when<one::placement::placed, one::payment::expired>, paid_order::placed>,
          converge::moves<when<one::placement::placed, one::payment::paid>, paid_order::paid>> {};
static_assert(converge::verified<as_one_machine>);

// --- commands

struct greets : base {
    using effects = converge::effects<effect<when<one::placement::placed>, greet>>;
};
struct greets_who_has_paid : base {
    using effects = converge::effects<effect<when<one::placement::placed, one::payment::paid>, greet>>;
};
struct greets_later : converge::evolves<greets, greets_who_has_paid> {};
static_assert(converge::verified<greets_later>);

struct old_ship {
    BOOST_HANA_DEFINE_STRUCT(old_ship, (std::int64_t, cents));
    static constexpr converge::name wire_name{"ship"};
    static old_ship from(auto const& order) { return {get<paid_cents>(order)}; }
};
struct ships_cents : base {
    using effects = converge::effects<effect<when<one::payment::paid>, old_ship, undone_by<recall>>>;
};
struct ships : base {
    using effects = converge::effects<
        effect<when<one::payment::paid>, ship, undone_by<recall>>,
        effect<when<one::placement::placed>, greet>>;
};
struct ships_otherwise : converge::evolves<ships_cents, ships> {};

struct is_odd {
    static inline bool throws = false;
    bool operator()(auto const& data) const {
        if (throws)
            throw std::runtime_error{"no opinion on this sum"};
        return get<paid_cents>(data) % 2 == 1;
    }
};
struct ships_odd_sums : base {
    using effects = converge::effects<effect<when<holds<is_odd>>, ship, undone_by<recall>>>;
};
struct asks_the_sum : converge::evolves<base, ships_odd_sums> {};

template <class Process, class Store> void run(Store& store) {
    converge::make_runner<Process>(store, [](auto const&) {}).catch_up();
}

} // namespace

TEST_CASE("a store that is at none of the declarations is left as it is") {
    converge::memory_store store;
    place(store, "1");
    place(store, "2");
    pay(store, "2", 10);
    run<base>(store);
    CHECK(
        refusal<from_one_to_two, from_two_to_three>(store) ==
        "process manager 'order' cannot be migrated from " + between<one::order, two::order>() + " to " +
            fingerprint_text(fingerprint_of<three::order>) + ": the instances were made by " +
            fingerprint_text(fingerprint_of<base>) +
            ". They stand at:"
            "\n  1 x payment: awaiting, placement: placed"
            "\n  1 x payment: paid, placement: placed");
    CHECK_NOTHROW(run<base>(store));

    older_database const file;
    converge::sqlite_store older{file.path()};
    CHECK(
        refusal<from_two_to_three>(older) ==
        "process manager 'order' cannot be migrated from " + between<two::order, three::order>() +
            ": the instances were made by " + fingerprint_text(fingerprint_of<one::order>) +
            ". They stand at:"
            "\n  1 x cancellation: cancelled, payment: awaiting, placement: unknown, reminder: none"
            "\n  1 x cancellation: cancelled, payment: paid, placement: placed, reminder: none"
            "\n  1 x cancellation: open, payment: awaiting, placement: placed, reminder: none"
            "\n  2 x cancellation: open, payment: awaiting, placement: placed, reminder: sent"
            "\n  1 x cancellation: open, payment: expired, placement: placed, reminder: none"
            "\n  5 x cancellation: open, payment: paid, placement: placed, reminder: none"
            "\n  1 x cancellation: open, payment: paid, placement: unknown, reminder: none");
}

TEST_CASE("an instance that stands where no history leads is refused with all the others") {
    converge::memory_store store;
    place(store, "1");
    pay(store, "against all rules", 10);
    place(store, "2");
    pay(store, "2", 10);
    run<paid_when_placed>(store);
    CHECK(
        refusal<as_one_machine>(store) ==
        "process manager 'order' cannot be migrated from " + between<paid_when_placed, one_machine>() +
            "; nothing was written. The instances stand at:"
            "\n  1 x payment: awaiting, placement: placed"
            "\n  1 x payment: paid, placement: placed"
            "\n  1 x payment: paid, placement: unknown: there is no place for it in machine 'order'");
    place(store, "against all rules");
    run<paid_when_placed>(store); // the old program goes on, and then there is a place
    CHECK(converge::migrate<as_one_machine>(store).instances == 3);
}

TEST_CASE("a command that cannot be undone and might be sent again is refused") {
    converge::memory_store store;
    place(store, "1");
    place(store, "2");
    pay(store, "2", 10);
    pay(store, "3", 10);
    run<greets>(store);
    CHECK(
        refusal<greets_later>(store) ==
        "process manager 'order' cannot be migrated from " + between<greets, greets_who_has_paid>() +
            "; nothing was written. The instances stand at:"
            "\n  1 x payment: awaiting, placement: placed: the command 'greet' was sent and cannot be "
            "undone, "
            "and the new declaration, which does not ask for it there, might send it again"
            "\n  1 x payment: paid, placement: placed"
            "\n  1 x payment: paid, placement: unknown");
    pay(store, "1", 10);
    run<greets>(store);
    CHECK(converge::migrate<greets_later>(store).commands == 0);
}

TEST_CASE("a command that was sent and that the new declaration cannot read is refused") {
    converge::memory_store store;
    place(store, "1");
    pay(store, "2", 10);
    run<ships_cents>(store);
    CHECK(
        refusal<ships_otherwise>(store) == "process manager 'order' cannot be migrated from " +
                                               between<ships_cents, ships>() +
                                               "; nothing was written. The instances stand at:"
                                               "\n  1 x payment: awaiting, placement: placed"
                                               "\n  1 x payment: paid, placement: unknown: the command "
                                               "'ship' that was sent cannot be read as the "
                                               "new declaration's: order: missing");
}

TEST_CASE("what a predicate of the new declaration throws is told, and not migrated past") {
    converge::memory_store store;
    pay(store, "1", 11);
    run<base>(store);
    is_odd::throws = true;
    auto const text = refusal<asks_the_sum>(store);
    is_odd::throws = false;
    CHECK(text.ends_with(
        "\n  1 x payment: paid, placement: unknown: the process threw: no opinion on this sum"));
    CHECK(converge::migrate<asks_the_sum>(store).commands == 1);
}

TEST_CASE("what a later evolution has no place for is refused before the first one begins") {
    converge::memory_store store;
    run<base>(store);
    struct to_greeting : converge::evolves<base, greets> {};
    place(store, "1");
    run<base>(store);
    auto const text = refusal<to_greeting, greets_later>(store);
    CHECK(text.starts_with(
        "process manager 'order' cannot be migrated from " + between<base, greets_who_has_paid>() +
        "; nothing was written."));
    CHECK(text.find("might send it again") != std::string::npos);
    CHECK_NOTHROW(run<base>(store));
}

TEST_CASE("a step of a third declaration among the instances is refused") {
    converge::memory_store store;
    run_first_version(store);
    auto const last = store.last_of_stream("orders", "converge/order/1", "orders").value();
    auto payload = last.payload;
    payload.replace(payload.find(fingerprint_text(fingerprint_of<one::order>)), 16, "0123456789abcdef");
    converge::new_event const foreign{converge::random_event_id(), last.name, true, payload};
    store.append({"orders", last.stream, converge::expected_version::any(), {&foreign, 1}}).value();
    CHECK(
        refusal<from_one_to_two>(store).find(": made by another declaration, 0123456789abcdef") !=
        std::string::npos);
}

TEST_CASE("a version stream that says something else is corrupt") {
    for (auto const* payload : {R"("0123")", R"("0123456789ABCDEF")", "{", R"(["0123456789abcdef"])"})
        for (auto const name : {converge::process_event_name, converge::migration_event_name}) {
            converge::memory_store store;
            converge::new_event const note{converge::random_event_id(), std::string{name}, true, payload};
            store.append({"orders", "converge/process/order", converge::expected_version::any(), {&note, 1}})
                .value();
            CHECK_THROWS_AS(converge::migrate<from_one_to_two>(store), converge::store_error);
            CHECK_THROWS_AS(
                (void)converge::make_runner<two::order>(store, bookkeeper{}), converge::store_error);
        }
}

} // namespace shop
