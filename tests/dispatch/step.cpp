// SPDX-License-Identifier: MIT
#include <converge/dispatch/step.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <random>
#include <string>

namespace {

using namespace converge;

struct paid {
    std::string order;
    int cents = 0;
};
struct cancelled_event {
    std::string order;
};
struct unrelated {
    std::string order;
};
struct orders : module<"orders", unrelated, cancelled_event, paid> {};

struct at_least {
    constexpr bool operator()(paid const& event) const { return event.cents >= 100; }
};
struct even {
    constexpr bool operator()(paid const& event) const { return event.cents % 2 == 0; }
};

struct amount {
    struct none;
    struct large;
    using transitions = converge::transitions<
        row<none, if_<paid, at_least>, large>, stay<none, unless<paid, at_least>>, stay<large, paid>>;
};
/// Another machine with a guard of its own on the same event: four letters in the process.
struct parity {
    struct unknown;
    struct even_seen;
    using transitions = converge::transitions<
        row<unknown, if_<paid, even>, even_seen>, stay<unknown, unless<paid, even>>, stay<even_seen, paid>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using initial = open;
    using transitions = converge::transitions<
        stay<cancelled, cancelled_event>,
        row<open, cancelled_event, cancelled>>; // not the first entry's state
};
struct order_process {
    using reads = converge::reads<orders>;
    using machines = converge::machines<amount, parity, cancellation>;
    static std::string correlate(auto const& event) { return event.order; }
};
static_assert(verified<order_process>);

template <class State> constexpr bool in(machine_states<order_process> const& states) {
    return condition_holds<order_process, when<State>>(states, {});
}

constexpr machine_states<order_process> after(auto const&... events) {
    auto states = initial_states<order_process>;
    (step<order_process>(states, events), ...);
    return states;
}

} // namespace

TEST_CASE("an event moves the machines that know it, each by its own guard") {
    CHECK(in<amount::none>(after()));
    CHECK(in<cancellation::open>(after()));
    CHECK(in<amount::none>(after(paid{"", 99})));
    CHECK(in<parity::unknown>(after(paid{"", 99})));
    CHECK(in<parity::even_seen>(after(paid{"", 98})));
    CHECK(in<amount::none>(after(paid{"", 98})));
    CHECK(in<amount::large>(after(paid{"", 101})));
    CHECK(in<parity::unknown>(after(paid{"", 101})));
    CHECK(in<parity::even_seen>(after(paid{"", 101}, paid{"", 2})));
    CHECK(in<cancellation::open>(after(paid{"", 101})));
    CHECK(in<cancellation::cancelled>(after(cancelled_event{})));
    CHECK(after(unrelated{}) == after());
}

TEST_CASE("the letter of an event has the outcomes of all guards on it") {
    auto const base = letter_of<order_process>(paid{"", 1});
    CHECK(letter_of<order_process>(paid{"", 101}) == base + 1);
    CHECK(letter_of<order_process>(paid{"", 2}) == base + 2);
    CHECK(letter_of<order_process>(paid{"", 102}) == base + 3);
    CHECK(process_table_of<order_process>.letter_count == 6);
}

TEST_CASE("an event of a type that is known at run time only moves as one whose type is known") {
    std::mt19937 random{5};
    auto known = initial_states<order_process>;
    auto referred = known;
    auto lettered = known;
    for (int taken = 0; taken < 200; ++taken) {
        paid const payment{"", static_cast<int>(random() % 120)};
        cancelled_event const cancellation_made{};
        bool const pays = taken == 0 || random() % 8 != 0;
        auto const event =
            pays ? event_reference<order_process>{payment}
                 : event_reference<order_process>{
                       event_index{event_index_of<order_process, cancelled_event>}, &cancellation_made};
        step<order_process>(referred, event);
        if (pays) {
            CHECK(&event.as<paid>() == &payment);
            step<order_process>(known, payment);
            step<order_process>(lettered, letter_of<order_process>(payment));
        } else {
            step<order_process>(known, cancellation_made);
            step<order_process>(lettered, letter_of<order_process>(cancellation_made));
        }
        REQUIRE(referred == known);
        REQUIRE(lettered == known);
        if (random() % 4 == 0)
            known = referred = lettered = initial_states<order_process>;
    }
}

TEST_CASE("random walks agree with the machines written by hand") {
    std::mt19937 random{3};
    for (int walk = 0; walk < 500; ++walk) {
        auto states = initial_states<order_process>;
        bool large = false;
        bool even_seen = false;
        bool cancelled = false;
        for (int taken = 0; taken < 6; ++taken) {
            auto const cents = static_cast<int>(random() % 200);
            switch (random() % 4) {
            case 0:
                step<order_process>(states, cancelled_event{});
                cancelled = true;
                break;
            case 1:
                step<order_process>(states, unrelated{});
                break;
            default:
                step<order_process>(states, paid{"", cents});
                large = large || cents >= 100;
                even_seen = even_seen || cents % 2 == 0;
            }
            REQUIRE(in<amount::large>(states) == large);
            REQUIRE(in<parity::even_seen>(states) == even_seen);
            REQUIRE(in<cancellation::cancelled>(states) == cancelled);
        }
    }
}
