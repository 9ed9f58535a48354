// SPDX-License-Identifier: MIT
#include <converge/declare/machine_table.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <type_traits>

using namespace converge;
using namespace converge::detail;

// Two types of one name have one hash, and must stay two.
namespace north {
struct paid;
struct event;
} // namespace north
namespace south {
struct paid;
struct event;
} // namespace south

namespace {

struct namesakes {
    using transitions = converge::transitions<
        row<north::paid, north::event, south::paid>, row<north::paid, south::event, north::paid>,
        stay<south::paid, north::event, south::event>>;
};

struct ship {};
struct recall {
    using undoes = ship;
};
struct large_sum {
    template <class Event> constexpr bool operator()(Event const&) const { return true; }
};
struct from_abroad : large_sum {};

struct guarded {
    struct open;
    struct done;
    using transitions = converge::transitions<
        row<open, if_<north::event, large_sum>, done, send<ship>>,
        stay<open, unless<if_<north::event, from_abroad>, large_sum>>,
        stay<open, unless<unless<north::event, from_abroad>, large_sum>>,
        row<done, north::event, open, send<recall, recall>>>;
};

struct clashing {
    struct open;
    struct done;
    using transitions = converge::transitions<
        row<open, north::event, done>, stay<open, north::event>, row<open, north::event, done>>;
};

struct second_is_initial {
    struct open;
    struct done;
    using initial = done;
    using transitions = converge::transitions<row<open, north::event, done>, stay<done, north::event>>;
};

template <class Machine, class State> constexpr std::size_t state_number() {
    return index_in<State>(table_of<Machine>.states);
}

/// Where a machine goes; the letter is given as event and outcome.
template <class Machine, class State, class Event> constexpr std::size_t after(std::size_t outcome = 0) {
    constexpr auto const& table = table_of<Machine>;
    return table.next[table.cell(
        table.letter_base[index_in<Event>(table.events)] + outcome, state_number<Machine, State>())];
}

// All hashes are equal, as for types of one name: the numbers must still be right when each search runs into
// the others.
TEST_CASE("identities of one hash get different numbers") {
    std::array<type_record, 20> records{};
    identity_numbers<20> numbers;
    for (int round = 0; round < 2; ++round)
        for (std::size_t at = 0; at < records.size(); ++at)
            CHECK(numbers.number(&records[at]) == at);
    CHECK(numbers.size() == records.size());
    type_record one_more{};
    CHECK(numbers.number(&one_more) == 19);
    CHECK(numbers.size() == 20);
}

TEST_CASE("states and events are numbered in the order of their first mention, by type and not by name") {
    constexpr auto const& table = table_of<namesakes>;
    CHECK(table.states == std::array{identity_of<north::paid>, identity_of<south::paid>});
    CHECK(table.events == std::array{identity_of<north::event>, identity_of<south::event>});
    CHECK(record_of<north::paid>.hash == record_of<south::paid>.hash);
    CHECK(after<namesakes, north::paid, north::event>() == state_number<namesakes, south::paid>());
    CHECK(after<namesakes, north::paid, south::event>() == state_number<namesakes, north::paid>());
    CHECK(after<namesakes, south::paid, south::event>() == state_number<namesakes, south::paid>());
}

TEST_CASE("guards double the letters, and a row enters each that it admits") {
    constexpr auto const& table = table_of<guarded>;
    CHECK(table.letter_count == 4);
    CHECK(table.guard_counts[0] == 2);
    CHECK(table.guards[0][0] == identity_of<large_sum>);
    CHECK(table.guards[0][1] == identity_of<from_abroad>);
    constexpr auto open = state_number<guarded, guarded::open>();
    constexpr auto done = state_number<guarded, guarded::done>();
    for (std::size_t outcome = 0; outcome < 4; ++outcome) {
        auto const taken = (outcome & 1U) != 0;
        CHECK(after<guarded, guarded::open, north::event>(outcome) == (taken ? done : open));
        CHECK(after<guarded, guarded::done, north::event>(outcome) == open);
        CHECK(table.net[table.cell(outcome, open)] == (taken ? 1 : 0));
        CHECK(table.net[table.cell(outcome, done)] == -2);
    }
    CHECK(std::ranges::count(table.decided_by, undecided_row) == 0);
}

TEST_CASE("the first two rows that decide one pair are known, and the first one counts") {
    constexpr auto const& table = table_of<clashing>;
    CHECK(table.duplicate.first == 0);
    CHECK(table.duplicate.second == 1);
    CHECK(after<clashing, clashing::open, north::event>() == state_number<clashing, clashing::done>());
    CHECK(table.decided_by[table.cell(0, state_number<clashing, clashing::done>())] == undecided_row);
}

TEST_CASE("the initial state is that of the first row, or the one that is named") {
    CHECK(table_of<guarded>.initial == state_number<guarded, guarded::open>());
    CHECK(table_of<second_is_initial>.initial == state_number<second_is_initial, second_is_initial::done>());
}

TEST_CASE("rows with guards or commands are known as types, others are not made") {
    CHECK(std::is_same_v<rows_with_additions<namesakes>, boost::mp11::mp_list<>>);
    CHECK(std::is_same_v<rows_with_additions<guarded>, machine_rows<guarded>>);
}

} // namespace
