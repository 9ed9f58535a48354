// SPDX-License-Identifier: MIT
#include <converge/testing/explore.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <examples/order_fulfilment/process.hpp>
#include <string>

namespace {

using namespace converge;

struct paid_event {
    int order = 1;
    int cents = 0;
};
struct cancelled_event {
    int order = 1;
};
struct reminded_event {
    int order = 1;
};
struct shop : module<"orders", paid_event, cancelled_event, reminded_event> {};

struct payment {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<row<awaiting, paid_event, paid>, stay<paid, paid_event>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions =
        converge::transitions<row<open, cancelled_event, cancelled>, stay<cancelled, cancelled_event>>;
};
struct base {
    using reads = converge::reads<shop>;
    using machines = converge::machines<payment, cancellation>;
    static constexpr int correlate(auto const& event) { return event.order; }
};

struct largest {
    int cents = 0;
    constexpr bool operator==(largest const&) const = default;
};
struct keeps_largest : base {
    using data = largest;
    static constexpr void apply(largest& data, paid_event const& event) {
        data.cents = event.cents > data.cents ? event.cents : data.cents;
    }
};
static_assert(explore<keeps_largest>(paid_event{1, 5}, paid_event{1, 7}, cancelled_event{}));

/// The compiler cannot see that the last payment wins.
struct keeps_last : base {
    using data = largest;
    static constexpr void apply(largest& data, paid_event const& event) { data.cents = event.cents; }
};
static_assert(verified<keeps_last>);
static_assert(!explore<keeps_last>(paid_event{1, 5}, paid_event{1, 7}));
static_assert(explore<keeps_last>(paid_event{1, 5}, cancelled_event{}));
static_assert(explore<keeps_last>(paid_event{1, 5}, paid_event{1, 7}).difference() == difference::data);

struct adds_up : base {
    using data = largest;
    static constexpr void apply(largest& data, paid_event const& event) { data.cents += event.cents; }
};
static_assert(!explore<adds_up>(paid_event{1, 5})); // a redelivery is added again
struct adds_up_repeats : adds_up {
    using repeats = converge::repeats<paid_event>;
};
static_assert(explore<adds_up_repeats>(paid_event{1, 5}, paid_event{1, 7}, cancelled_event{}));

/// What the compiler refuses is found as well, and shown step by step.
struct first_one_wins {
    struct open;
    struct paid;
    struct cancelled;
    using transitions = converge::transitions<
        row<open, paid_event, paid>, row<open, cancelled_event, cancelled>, stay<open, reminded_event>,
        stay<paid, paid_event, cancelled_event, reminded_event>,
        stay<cancelled, paid_event, cancelled_event, reminded_event>>;
};
struct diverges : base {
    using machines = converge::machines<first_one_wins>;
};

struct reminder {};
struct sends {
    struct none;
    struct paid;
    struct cancelled;
    struct both;
    using transitions = converge::transitions<
        row<none, paid_event, paid, send<reminder>>, row<none, cancelled_event, cancelled>,
        row<paid, cancelled_event, both>, row<cancelled, paid_event, both>, stay<paid, paid_event>,
        stay<cancelled, cancelled_event>, stay<both, paid_event, cancelled_event>>;
};
struct sends_process : base {
    using machines = converge::machines<sends>;
};

} // namespace

TEST_CASE("the counterexample is a shortest one, and differs in its last two events") {
    auto const found = explore<diverges>(reminded_event{}, paid_event{}, reminded_event{}, cancelled_event{});
    CHECK_FALSE(found.converges());
    CHECK(found.difference() == difference::states);
    CHECK(found.one() == std::vector<std::size_t>{3, 1});
    CHECK(found.other() == std::vector<std::size_t>{1, 3});
    CHECK(
        found.text() == "two orders of the same events end in different states\n"
                        "\n"
                        "| event           | first_one_wins | stands |\n"
                        "|-----------------|----------------|--------|\n"
                        "|                 | open           |        |\n"
                        "| cancelled_event | cancelled      |        |\n"
                        "| paid_event      | cancelled      |        |\n"
                        "\n"
                        "| event           | first_one_wins | stands |\n"
                        "|-----------------|----------------|--------|\n"
                        "|                 | open           |        |\n"
                        "| paid_event      | paid           |        |\n"
                        "| cancelled_event | paid           |        |\n");
}

TEST_CASE("a redelivery that changes something is shown") {
    auto const found = explore<adds_up>(cancelled_event{}, paid_event{1, 5});
    CHECK(found.one() == std::vector<std::size_t>{1});
    CHECK(found.other() == std::vector<std::size_t>{1, 1});
    CHECK(found.text().starts_with("a redelivery ends with different data\n"));
}

TEST_CASE("commands on rows are compared") {
    auto const found = explore<sends_process>(paid_event{}, cancelled_event{});
    CHECK(found.difference() == difference::commands);
    CHECK(
        found.text() == "two orders of the same events end with different commands sent\n"
                        "\n"
                        "| event           | sends     | sent by rows | stands |\n"
                        "|-----------------|-----------|--------------|--------|\n"
                        "|                 | none      |              |        |\n"
                        "| cancelled_event | cancelled |              |        |\n"
                        "| paid_event      | both      |              |        |\n"
                        "\n"
                        "| event           | sends | sent by rows | stands |\n"
                        "|-----------------|-------|--------------|--------|\n"
                        "|                 | none  |              |        |\n"
                        "| paid_event      | paid  | reminder     |        |\n"
                        "| cancelled_event | both  | reminder     |        |\n");
}

// --- the environment, accepted races and equivalent states hold here too

namespace {

struct knows_the_order : diverges {
    using environment = converge::environment<happens_before<paid_event, cancelled_event>>;
};
static_assert(explore<knows_the_order>(paid_event{}, cancelled_event{}, reminded_event{}));
static_assert(!explore<diverges>(paid_event{}, cancelled_event{}, reminded_event{}));
/// The second payment may come first, and then the cancellation before the first.
static_assert(explore<knows_the_order>(paid_event{1, 1}, cancelled_event{}, paid_event{1, 2}));

struct never_both : diverges {
    using environment = converge::environment<exclusive<paid_event, cancelled_event>>;
};
static_assert(explore<never_both>(paid_event{}, cancelled_event{}));

struct accepts_it : diverges {
    using environment = converge::environment<accepts_race<paid_event, cancelled_event>>;
};
static_assert(explore<accepts_it>(paid_event{}, cancelled_event{}, reminded_event{}));

/// With an accepted race the others are still compared, from each of the ends it leads to.
struct forgets_reminders {
    struct open;
    struct paid;
    struct cancelled;
    struct reminded;
    using transitions = converge::transitions<
        row<open, paid_event, paid>, row<open, cancelled_event, cancelled>, stay<open, reminded_event>,
        stay<paid, paid_event, cancelled_event, reminded_event>, stay<cancelled, paid_event, cancelled_event>,
        row<cancelled, reminded_event, reminded>,
        stay<reminded, paid_event, cancelled_event, reminded_event>>;
};
struct accepts_one_of_two : base {
    using machines = converge::machines<forgets_reminders>;
    using environment = converge::environment<accepts_race<paid_event, cancelled_event>>;
};

struct thanks {};
struct first_of_two {
    struct open;
    struct paid;
    struct cancelled;
    using transitions = converge::transitions<
        row<open, paid_event, paid>, row<open, cancelled_event, cancelled>,
        stay<paid, paid_event, cancelled_event>, stay<cancelled, paid_event, cancelled_event>>;
};
struct ends_alike : base {
    using machines = converge::machines<first_of_two>;
    using effects = converge::effects<effect<any_of<first_of_two::paid, first_of_two::cancelled>, thanks>>;
};
static_assert(std::same_as<verdict<ends_alike>, converges<ends_alike, up_to_equivalent_states>>);
static_assert(explore<ends_alike>(paid_event{}, cancelled_event{}));

} // namespace

TEST_CASE("an accepted race excuses no other one") {
    CHECK(explore<accepts_one_of_two>(paid_event{}, cancelled_event{}));
    auto const found = explore<accepts_one_of_two>(paid_event{}, cancelled_event{}, reminded_event{});
    CHECK(found.difference() == difference::states);
    CHECK(found.one() == std::vector<std::size_t>{2, 1});
    CHECK(found.other() == std::vector<std::size_t>{1, 2});
}

namespace {

struct noted {
    BOOST_HANA_DEFINE_STRUCT(noted, (int, cents));
};
struct shows_data : base {
    using data = noted;
    static void apply(noted& data, paid_event const& event) { data.cents = event.cents; }
};

} // namespace

TEST_CASE("described data is in the table") {
    auto const found = explore<shows_data>(paid_event{1, 5}, paid_event{1, 7});
    CHECK(found.difference() == difference::data);
    CHECK(
        found.text().find("| paid_event | paid     | open         | {\"cents\":7} |        |") !=
        std::string::npos);
}

TEST_CASE("the order process converges with data, with coffee spilled over two of three items") {
    using namespace order_fulfilment;
    auto const found = explore<order_process>(
        ::orders::order_placed{"1"}, payments::payment_received{"1", 60}, payments::payment_received{"1", 40},
        payments::payment_timed_out{"1"}, warehouse::item_picked{"1", 1}, warehouse::coffee_spilled{"1", 1},
        warehouse::item_picked{"1", 2}, warehouse::coffee_spilled{"1", 2}, warehouse::item_picked{"1", 3},
        ::orders::order_cancelled{"1"}, ::orders::order_placed{"1"}, payments::payment_received{"1", 1});
    CHECK_MESSAGE(found.converges(), found.text()); // 12! orders
}
