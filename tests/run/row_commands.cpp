// SPDX-License-Identifier: MIT
#include <converge/run/take_event.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

// Commands that rows send, in a process of two machines with other events between theirs.
namespace with_row_commands {
namespace {

using namespace converge;

struct counted {
    BOOST_HANA_DEFINE_STRUCT(counted, (std::string, order), (int, amount));
};
struct seen {
    BOOST_HANA_DEFINE_STRUCT(seen, (std::string, order));
};
struct orders : module<"orders", seen, counted> {};

struct tell {
    BOOST_HANA_DEFINE_STRUCT(tell, (std::string, order));
};
struct note {
    BOOST_HANA_DEFINE_STRUCT(note, (std::string, order));
};
struct warn {
    BOOST_HANA_DEFINE_STRUCT(warn, (std::string, order));
};
struct large {
    constexpr bool operator()(counted const& event) const { return event.amount >= 100; }
};

struct sight {
    struct none;
    struct done;
    using transitions = converge::transitions<row<none, seen, done>, stay<done, seen>>;
};
/// Each event counts, so that rows may send again.
struct tally {
    struct open;
    static constexpr bool perpetual = true;
    using transitions = converge::transitions<
        row<open, if_<counted, large>, open, converge::send<tell, warn>>,
        row<open, unless<counted, large>, open, converge::send<note>>>;
};
struct order_process {
    using reads = converge::reads<orders>;
    using machines = converge::machines<sight, tally>;
    using repeats = converge::repeats<counted>;
    static std::string correlate(auto const& event) { return event.order; }
};
static_assert(verified<order_process>);

template <class Event> std::vector<std::string> sent_by(Event const& event) {
    instance_state<order_process> const before{};
    auto after = before;
    std::vector<recorded_command> commands;
    (void)take_event<order_process>("42", before, after, event, {}, commands);
    std::vector<std::string> names;
    for (auto const& each : commands)
        names.emplace_back(each.name);
    return names;
}

} // namespace

TEST_CASE("the rows that are taken send their commands, in order") {
    CHECK(sent_by(counted{"42", 100}) == std::vector<std::string>{"tell", "warn"});
    CHECK(sent_by(counted{"42", 99}) == std::vector<std::string>{"note"});
    CHECK(sent_by(seen{"42"}).empty());
}

} // namespace with_row_commands
