// SPDX-License-Identifier: MIT
#include <converge/converge.hpp>
#include <converge/testing/doctest.hpp>

#include <run/order.hpp>

using namespace std::chrono_literals;
using namespace orders;
using namespace payments;
using converge::testing::given;

namespace {

using story = converge::testing::scenario<order_process>;

/// What an unmet expectation says before it tells the history.
std::string said(story const& told) {
    auto const& text = told.expectations().back().text;
    return text.substr(0, text.find("\nwhat happened:\n"));
}

/// Keeps a note of its own, and cannot read one of the payments.
struct note {
    BOOST_HANA_DEFINE_STRUCT(note, (std::int64_t, largest), (std::string, last));
};
struct noting_process {
    using reads = converge::reads<orders::module, payments::module>;
    using machines = converge::machines<payment>;
    using data = note;
    static void apply(note& data, payment_received const& event) {
        data.largest = std::max(data.largest, event.cents);
    }
    static auto correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<noting_process>);

/// Has two deadlines, of which the second begins when the first has fired.
struct gave_up {
    BOOST_HANA_DEFINE_STRUCT(gave_up, (std::string, order));
};
struct patience : converge::module<"patience", gave_up> {};
struct waiting {
    struct hopeful;
    struct hopeless;
    using transitions =
        converge::transitions<converge::row<hopeful, gave_up, hopeless>, converge::stay<hopeless, gave_up>>;
};
struct patient_process {
    using reads = converge::reads<orders::module, payments::module, patience>;
    using machines = converge::machines<placement, payment, waiting>;
    using effects = converge::effects<
        converge::effect<
            converge::when<placement::placed, payment::awaiting>,
            converge::deadline<payment_timed_out, 15min>>,
        converge::effect<
            converge::when<payment::expired, waiting::hopeful>, converge::deadline<gave_up, 10min>>>;
    static auto correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<patient_process>);

} // namespace

TEST_CASE("late money for a cancelled order goes back") {
    given<order_process>(order_placed{"7"}, order_cancelled{"7"})
        .when(payment_received{"7", 990})
        .then_sends(refund{"7", 990})
        .then_stands(greet{"7"}, refund{"7", 990})
        .then_is_in<payment::paid, cancellation::cancelled>()
        .then_data<paid_cents>(990)
        .then_waits_for_nothing()
        .then_parks_nothing();
}

TEST_CASE("a deadline fires when its time has passed, and not before") {
    given<order_process>(order_placed{"7"})
        .then_waits_for<payment_timed_out>(15min)
        .after(14min)
        .then_waits_for<payment_timed_out>(1min)
        .then_is_in<payment::awaiting>()
        .after(1min)
        .then_is_in<payment::expired>()
        .then_waits_for_nothing()
        .when(payment_received{"7", 990})
        .then_sends(ship{"7"});
}

TEST_CASE("time that passes stops at each deadline on the way") {
    auto const told = converge::testing::scenario<patient_process>{}.given(order_placed{"7"}).after(1h);
    CHECK(told.then_is_in<waiting::hopeless>());
    CHECK(
        told.history() == "  given order_placed {order: \"7\"}\n"
                          "        placement: unknown -> placed\n"
                          "        waits for payment_timed_out in 15min\n"
                          "  after 1h\n"
                          "        payment_timed_out is due\n"
                          "        payment: awaiting -> expired\n"
                          "        waits for gave_up in 10min\n"
                          "        gave_up is due\n"
                          "        waiting: hopeful -> hopeless\n");
    CHECK_THROWS_WITH_AS(
        (void)told.after(-1s), "the fake clock cannot go back, by 1000000 microseconds",
        std::invalid_argument);
}

TEST_CASE("commands are compared since the last event, in order, in any order or among others") {
    auto const told = story{}.given(order_placed{"7"}).when(payment_received{"7", 990}, order_cancelled{"7"});
    CHECK(told.then_sends(ship{"7"}, recall{"7"}, refund{"7", 990}));
    CHECK(told.then_sends_in_any_order(refund{"7", 990}, ship{"7"}, recall{"7"}));
    CHECK(told.then_sends_among_others(refund{"7", 990}, ship{"7"}));
    CHECK(told.when(order_cancelled{"7"}).then_sends_nothing());
    CHECK_FALSE(told.then_sends_among_others(ship{"7"}));
    CHECK(story{}.then_nothing_stands());
}

TEST_CASE("among others counts how often a command is expected") {
    auto const told = story{}.given(order_placed{"7"}).when(payment_received{"7", 990});
    CHECK(told.then_sends_among_others(ship{"7"}));
    CHECK_FALSE(told.then_sends_among_others(ship{"7"}, ship{"7"}));
}

TEST_CASE("commands that differ are shown side by side, member by member") {
    auto const told = story{}
                          .given(order_placed{"7"}, order_cancelled{"7"})
                          .when(payment_received{"7", 990})
                          .then_sends(recall{"7"}, refund{"7", 480});
    CHECK_FALSE(told);
    CHECK(
        told.expectations().back().text == "other commands are sent than expected:\n"
                                           "\n"
                                           "|   | expected     | sent         |\n"
                                           "|---|--------------|--------------|\n"
                                           "| - | recall       |              |\n"
                                           "| - |   order: \"7\" |              |\n"
                                           "|   | refund       | refund       |\n"
                                           "|   |   order: \"7\" |   order: \"7\" |\n"
                                           "| ! |   cents: 480 |   cents: 990 |\n"
                                           "\n"
                                           "what happened:\n"
                                           "  given order_placed {order: \"7\"}\n"
                                           "        placement: unknown -> placed\n"
                                           "        waits for payment_timed_out in 15min\n"
                                           "        sends greet {order: \"7\"}\n"
                                           "  given order_cancelled {order: \"7\"}\n"
                                           "        cancellation: open -> cancelled\n"
                                           "        no longer waits for payment_timed_out\n"
                                           "  when payment_received {order: \"7\", cents: 990}\n"
                                           "        payment: awaiting -> paid\n"
                                           "        paid_cents: 0 -> 990\n"
                                           "        sends refund {order: \"7\", cents: 990}\n");
}

TEST_CASE("commands that nobody expected are shown") {
    CHECK(
        said(story{}.when(order_placed{"7"}).then_sends_nothing()) ==
        "commands are sent, and none is expected:\n"
        "\n"
        "|   | expected | sent         |\n"
        "|---|----------|--------------|\n"
        "| + |          | greet        |\n"
        "| + |          |   order: \"7\" |\n");
}

TEST_CASE("states are shown by their names, and conditions in words") {
    CHECK(
        said(story{}
                 .given(order_placed{"7"}, payment_received{"7", 5})
                 .then_is_in<
                     payment::expired, cancellation::open, converge::holds<much_is_paid>,
                     converge::any_of<placement::unknown, placement::placed>>()) ==
        "instance 7 is in another place:\n"
        "\n"
        "|   | machine                                       | expected | is            |\n"
        "|---|-----------------------------------------------|----------|---------------|\n"
        "| ! | payment                                       | expired  | paid          |\n"
        "|   | cancellation                                  | open     | open          |\n"
        "| ! | much_is_paid                                  | holds    | does not hold |\n"
        "|   | (placement is unknown or placement is placed) | holds    | holds         |\n");
}

TEST_CASE("what stands, what is waited for, data and what is parked have their tables") {
    auto const told = story{}.given(order_placed{"7"}).after(5min);
    CHECK(
        said(told.then_stands(ship{"7"})) == "other effects of instance 7 stand:\n"
                                             "\n"
                                             "|   | expected     | stands       |\n"
                                             "|---|--------------|--------------|\n"
                                             "| - | ship         |              |\n"
                                             "| - |   order: \"7\" |              |\n"
                                             "| + |              | greet        |\n"
                                             "| + |              |   order: \"7\" |\n");
    CHECK(
        said(told.then_waits_for<payment_timed_out>(15min)) ==
        "instance 7 does not wait for payment_timed_out in 15min:\n"
        "\n"
        "| waits for         | due in |\n"
        "|-------------------|--------|\n"
        "| payment_timed_out | 10min  |\n");
    CHECK(said(told.then_waits_for_nothing()).starts_with("instance 7 still waits:\n"));
    CHECK(
        said(told.when(payment_received{"7", 1}).then_waits_for<payment_timed_out>()) ==
        "instance 7 does not wait for payment_timed_out:\n"
        "\n"
        "| waits for | due in |\n"
        "|-----------|--------|\n"
        "| nothing   |        |\n");
    CHECK(
        said(told.then_data<paid_cents>(2)) == "instance 7 has other data:\n"
                                               "\n"
                                               "| fold       | expected | is |\n"
                                               "|------------|----------|----|\n"
                                               "| paid_cents | 2        | 1  |\n");
    CHECK(
        said(told.then_parks("no stock")) == "nothing is parked for a reason with \"no stock\":\n"
                                             "\n"
                                             "| parked  | name | reason |\n"
                                             "|---------|------|--------|\n"
                                             "| nothing |      |        |\n");
}

TEST_CASE("an event that the process throws at is parked, and so is a command that is refused") {
    auto const told = story{}.given(order_placed{"whose?"});
    CHECK(told.then_parks("nobody's order").then_parks("order_placed"));
    CHECK(
        said(told.then_parks_nothing()) == "something is parked:\n"
                                           "\n"
                                           "| parked | name         | reason                          |\n"
                                           "|--------|--------------|---------------------------------|\n"
                                           "| event  | order_placed | correlate threw: nobody's order |\n");
    given<order_process>(order_placed{"7"})
        .where_handler_refuses<ship>("no stock")
        .when(payment_received{"7", 990})
        .then_parks("no stock")
        .then_is_in<payment::paid>();
}

TEST_CASE("data of the process's own is compared member by member") {
    auto const told = converge::testing::scenario<noting_process>{}.given(payment_received{"7", 5});
    CHECK(told.then_data(note{5, ""}));
    auto const& wrong = told.then_data(note{6, ""}).expectations().back().text;
    CHECK(wrong.find("| ! |   largest: 6 |   largest: 5 |\n") != std::string::npos);
    CHECK(wrong.find("|   |   last: \"\"   |   last: \"\"   |\n") != std::string::npos);
    CHECK(
        wrong.find("        data: {largest: 0, last: \"\"} -> {largest: 5, last: \"\"}\n") !=
        std::string::npos);
}

TEST_CASE("expectations are about the first instance unless another is named") {
    auto const told = story{}.given(order_placed{"7"}, order_placed{"8"}, payment_received{"8", 990});
    CHECK(told.then_is_in<payment::awaiting>());
    CHECK(told.history().find("        instance 8: payment: awaiting -> paid\n") != std::string::npos);
    CHECK(told.for_instance("8").then_is_in<payment::paid>());
    CHECK(told.for_instance("9").then_is_in<payment::awaiting>().then_nothing_stands());
}

TEST_CASE("an expectation knows the line that has it") {
    story const told;
    auto const line = __LINE__ + 1;
    CHECK_FALSE(told.then_sends(ship{"7"}).then_is_in<payment::paid>());
    REQUIRE(told.expectations().size() == 2);
    for (auto const& each : told.expectations()) {
        CHECK(each.where.line == line);
        CHECK(std::string_view{each.where.file}.ends_with("scenario.cpp"));
    }
    auto const place = std::string{__FILE__} + ":" + std::to_string(line) + ": ";
    CHECK(told.text().starts_with(place + "other commands are sent than expected:\n"));
    CHECK(told.text().find("\n" + place + " the instance") == std::string::npos);
    CHECK(told.text().find("\n" + place + "the instance is in another place:\n") != std::string::npos);
    CHECK(told.text().ends_with("what happened:\n  nothing\n"));
}

TEST_CASE("each unmet expectation fails its test once" * doctest::expected_failures(2)) {
    given<order_process>(order_placed{"7"})
        .then_is_in<payment::paid>()
        .then_is_in<payment::awaiting>()
        .then_sends(ship{"7"});
}
