// SPDX-License-Identifier: MIT
#include <converge/dispatch/take.hpp>
#include <converge/verify/verified.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using namespace converge;

template <int Number> struct event {
    int amount = 0;
};
template <int Number> struct more_than {
    constexpr bool operator()(event<Number> const& happened) const { return happened.amount > 10; }
};
template <int Number> struct odd {
    constexpr bool operator()(event<Number> const& happened) const { return happened.amount % 2 != 0; }
};
struct refuses {
    bool operator()(event<3> const& happened) const {
        if (happened.amount < 0)
            throw std::runtime_error{"less than nothing"};
        return happened.amount > 10;
    }
};
struct alarm {};
struct log_entry {};

struct lamp {
    struct off;
    struct dim;
    struct bright;
    using transitions = converge::transitions<
        row<off, event<0>, dim>, row<dim, if_<event<0>, more_than<0>>, bright, send<alarm>>,
        row<dim, unless<event<0>, more_than<0>>, off, send<alarm, log_entry>>, row<bright, event<0>, off>,
        row<off, event<1>, off, send<log_entry>>, stay<dim, event<1>>,
        row<bright, if_<event<1>, odd<1>>, bright, send<log_entry>>, stay<bright, unless<event<1>, odd<1>>>,
        stay<off, event<3>>, row<dim, event<3>, off>, stay<bright, event<3>>>;
};
struct door {
    struct shut;
    struct ajar;
    using transitions = converge::transitions<
        row<shut, event<0>, ajar>, row<ajar, if_<event<0>, odd<0>>, shut>,
        stay<ajar, unless<event<0>, odd<0>>>, row<shut, if_<event<3>, refuses>, ajar>,
        stay<shut, unless<event<3>, refuses>>, stay<ajar, event<3>>>;
};
struct household : module<"household", event<0>, event<1>, event<2>, event<3>> {};
/// No order of its events is like another: only `take` takes it.
struct house {
    using reads = converge::reads<household>;
    using machines = converge::machines<lamp, door>;
};
static_assert(!convergent<house>);

// As many machines know the event as are more than a step is padded to.
template <int Number> struct counter {
    struct zero;
    struct one;
    struct two;
    using transitions = converge::transitions<
        row<zero, event<0>, one>, row<one, if_<event<0>, more_than<0>>, two>,
        stay<one, unless<event<0>, more_than<0>>>, row<two, event<0>, zero>, row<zero, event<1>, two>,
        row<one, event<1>, zero>, row<two, event<1>, one>>;
};
struct crowd {
    using reads = converge::reads<household>;
    using machines =
        converge::machines<counter<0>, counter<1>, counter<2>, counter<3>, counter<4>, counter<5>, lamp>;
};
static_assert(detail::step_sizes_of<house>.dense() && detail::step_sizes_of<house>.width == 2);
static_assert(!detail::step_sizes_of<crowd>.dense());

// The new state 255 cannot be told from the request to ask.
template <std::size_t Number> struct place;
template <class Sequence> struct ring_rows;
template <std::size_t... Places> struct ring_rows<std::index_sequence<Places...>> {
    using type = converge::transitions<
        row<place<Places>, event<0>, place<(Places + 1) % 256>>...,
        row<place<Places>, if_<event<1>, more_than<1>>, place<(Places + 255) % 256>>...,
        stay<place<Places>, unless<event<1>, more_than<1>>>...>;
};
struct ring {
    using transitions = ring_rows<std::make_index_sequence<256>>::type;
};
struct rings {
    using reads = converge::reads<household>;
    using machines = converge::machines<ring>;
};

using sent_rows = std::vector<std::pair<std::size_t, std::size_t>>;

/// The rows that send something, as they are told.
struct listener {
    sent_rows* to;
    void operator()(std::size_t machine, std::size_t number) const {
        if (number != 0)
            to->emplace_back(machine, number);
    }
};

template <class Process, class Event>
void check_ways(machine_states<Process> const& before, Event const& happened) {
    sent_rows sent_of_known;
    sent_rows sent_of_referred;
    sent_rows sent_of_letter;
    auto known = before;
    auto referred = before;
    auto lettered = before;
    take<Process>(known, happened, listener{&sent_of_known});
    take<Process>(referred, event_reference<Process>{happened}, listener{&sent_of_referred});
    take<Process>(lettered, detail::letter_of_event<Process>(happened), listener{&sent_of_letter});
    auto unheard = before;
    take<Process>(unheard, event_reference<Process>{happened});
    REQUIRE(referred == known);
    REQUIRE(lettered == known);
    REQUIRE(unheard == known);
    REQUIRE(sent_of_referred == sent_of_known);
    REQUIRE(sent_of_letter == sent_of_known);
}

template <class Process> void check_walk() {
    std::mt19937 random{7};
    auto states = initial_states<Process>;
    for (int taken = 0; taken < 2'000; ++taken) {
        auto const amount = static_cast<int>(random() % 20);
        auto const one = [&](auto const& happened) {
            check_ways<Process>(states, happened);
            take<Process>(states, happened);
        };
        switch (random() % 4) {
        case 0:
            one(event<0>{amount});
            break;
        case 1:
            one(event<1>{amount});
            break;
        case 2:
            one(event<2>{amount});
            break;
        default:
            one(event<3>{amount});
        }
    }
}

template <class Process>
sent_rows sent_by(machine_states<Process> states, event_reference<Process> happened) {
    sent_rows sent;
    take<Process>(states, happened, listener{&sent});
    return sent;
}

} // namespace

TEST_CASE("the ways of taking an event agree, where events are known to several machines") {
    check_walk<house>();
    check_walk<crowd>();
}

TEST_CASE("a machine may have 256 states") {
    static_assert(detail::step_sizes_of<rings>.states == 256);
    event<0> const forward{};
    event<1> const back{11};
    event<1> const neither{10};
    machine_states<rings> states{0};
    auto const take_one = [&](auto const& happened) {
        check_ways<rings>(states, happened);
        take<rings>(states, event_reference<rings>{happened});
        return states[0];
    };
    for (std::size_t place = 1; place < 256; ++place)
        REQUIRE(take_one(forward) == place);
    CHECK(take_one(neither) == 255);
    CHECK(take_one(event<2>{}) == 255);
    CHECK(take_one(forward) == 0);
    CHECK(take_one(back) == 255);
    CHECK(take_one(back) == 254);
}

TEST_CASE("a listener is told which of the sending rows were taken") {
    using machine_rows = sending_rows_of<lamp>;
    static_assert(boost::mp11::mp_size<machine_rows>::value == 4);
    static_assert(
        std::same_as<
            commands_of_row<boost::mp11::mp_at_c<machine_rows, 1>>, boost::mp11::mp_list<alarm, log_entry>>);
    event<0> const much{11};
    event<0> const little{10};
    event<1> const other{3};
    machine_states<house> const off{0, 0};
    machine_states<house> const dim{1, 0};
    machine_states<house> const bright{2, 0};
    using reference = event_reference<house>;
    CHECK(sent_by<house>(off, reference{much}).empty());
    CHECK(sent_by<house>(dim, reference{much}) == sent_rows{{0, 1}});
    CHECK(sent_by<house>(dim, reference{little}) == sent_rows{{0, 2}});
    CHECK(sent_by<house>(off, reference{other}) == sent_rows{{0, 3}});
    CHECK(sent_by<house>(bright, reference{other}) == sent_rows{{0, 4}});
    CHECK(sent_by<house>(bright, reference{event<1>{4}}).empty());
}

TEST_CASE("guards are asked only where the answer matters") {
    machine_states<house> const before{1, 1}; // an open door does not ask whether the event is refused
    auto states = before;
    event<3> const refused{-1};
    take<house>(states, event_reference<house>{refused});
    CHECK(states == machine_states<house>{0, 1});
}

TEST_CASE("what a guard throws passes through, and nothing has moved") {
    machine_states<house> const before{1, 0}; // the lamp would move, and comes first
    auto states = before;
    event<3> const refused{-1};
    CHECK_THROWS_WITH(take<house>(states, event_reference<house>{refused}), "less than nothing");
    CHECK(states == before);
    CHECK_THROWS_WITH(take<house>(states, refused), "less than nothing");
    CHECK(states == before);
}
