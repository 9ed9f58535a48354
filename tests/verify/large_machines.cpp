// SPDX-License-Identifier: MIT
#include <converge/verify/verified.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <utility>

// Machines near the limits are verified with the compilers' default limits: of template depth, of steps in
// one constant evaluation. That they compile is the test.
namespace {

using namespace converge;

template <std::size_t> struct state;
template <std::size_t> struct event {};

/// A column of states, each event raises to one of them.
template <class Cells, std::size_t Events> struct column;
template <std::size_t... Cells, std::size_t Events> struct column<std::index_sequence<Cells...>, Events> {
    using transitions = converge::transitions<
        row<state<Cells / Events>, event<Cells % Events>,
            state<std::max(Cells / Events, Cells % Events + 1)>>...>;
};

using long_column = column<std::make_index_sequence<std::size_t{71} * 70>, 70>;
static_assert(verified<long_column>);

using thousand_rows = column<std::make_index_sequence<std::size_t{33} * 32>, 32>;
static_assert(verified<thousand_rows>);

TEST_CASE("tables of thousands of rows say what was declared") {
    auto const& table = table_of<long_column>;
    REQUIRE(table.state_count == 71);
    REQUIRE(table.letter_count == 70);
    bool same = true;
    for (std::size_t from = 0; from < table.state_count; ++from)
        for (std::size_t by = 0; by < table.letter_count; ++by)
            same = same && table.next[table.cell(by, from)] == std::max(from, by + 1);
    CHECK(same);
}

} // namespace
