// SPDX-License-Identifier: MIT
#include <converge/declare/module.hpp>
#include <converge/dispatch/wire_name_index.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct paid {};
struct renamed {
    static constexpr converge::name wire_name{"paid.v2"};
};
struct payments : converge::module<"payments", paid, renamed> {};

static_assert(converge::wire_names_of<payments>.find("paid") == 0);
static_assert(converge::wire_names_of<payments>.find("paid.v2") == 1);
static_assert(converge::wire_names_of<payments>.find("renamed") == 2);
static_assert(converge::wire_names_of<payments>.find("") == 2);
static_assert(converge::name_index<0>{{}}.find("anything") == 0);

/// Names as programs have them: made of few words, many with a common beginning or end.
std::string draw_name(std::mt19937& random) {
    static constexpr std::array<std::string_view, 12> words{"order",  "payment",  "ship",      "recall",
                                                            "refund", "received", "cancelled", "timed_out",
                                                            "a",      "b",        "",          "x"};
    std::string name;
    for (auto left = 1 + random() % 4; left > 0; --left)
        name += std::string{name.empty() ? "" : "_"} + std::string{words[random() % words.size()]};
    if (random() % 8 == 0)
        name += std::to_string(random());
    return name;
}

template <std::size_t Names> void try_sets_of(std::mt19937& random) {
    for (int round = 0; round < 400; ++round) {
        std::set<std::string> drawn;
        while (drawn.size() < Names)
            drawn.insert(draw_name(random));
        std::vector<std::string> const kept(drawn.begin(), drawn.end());
        std::array<std::string_view, Names> names;
        std::copy(kept.begin(), kept.end(), names.begin());
        converge::name_index<Names> const index{names};
        for (std::size_t at = 0; at < Names; ++at)
            REQUIRE(index.find(names[at]) == at);
        for (int other = 0; other < 20; ++other) {
            auto const name = draw_name(random);
            REQUIRE((drawn.contains(name) ? index[index.find(name)] == name : index.find(name) == Names));
        }
    }
}

} // namespace

TEST_CASE("every set of names has a perfect hash, and nothing else is found in it") {
    std::mt19937 random{42};
    try_sets_of<1>(random);
    try_sets_of<2>(random);
    try_sets_of<3>(random);
    try_sets_of<4>(random);
    try_sets_of<7>(random);
    try_sets_of<8>(random);
    try_sets_of<17>(random);
    try_sets_of<50>(random);
    try_sets_of<200>(random);
}

TEST_CASE("names that once found no place together") {
    constexpr converge::name_index<3> index{{"ship_order", "recall_order", "refund_payment"}};
    CHECK(index.find("ship_order") == 0);
    CHECK(index.find("recall_order") == 1);
    CHECK(index.find("refund_payment") == 2);
}

TEST_CASE("equal names are refused") {
    CHECK_THROWS_AS((converge::name_index<3>{{"a", "b", "a"}}), std::invalid_argument);
}

TEST_CASE("a name has the same hash at compile time and at run time, whatever its length") {
    static constexpr std::string_view text = "order/4711 \xC3\xA4\x80\xFF 0123456789";
    constexpr auto hashes = [] {
        std::array<std::uint64_t, text.size() + 1> all{};
        for (std::size_t size = 0; size < all.size(); ++size)
            all[size] = converge::detail::hash_name(text.substr(0, size));
        return all;
    }();
    std::set<std::uint64_t> different;
    for (std::size_t size = 0; size < hashes.size(); ++size) {
        std::string const name{text.substr(0, size)}; // its end is the end of what may be read
        CHECK(converge::detail::hash_name(name) == hashes[size]);
        different.insert(hashes[size]);
    }
    CHECK(different.size() == hashes.size());
}

TEST_CASE("names of every length, also with bytes that are no letters") {
    std::array<std::string_view, 40> names;
    std::string const text(40, '\xFE');
    for (std::size_t size = 0; size < names.size(); ++size)
        names[size] = std::string_view{text}.substr(0, size);
    converge::name_index<40> const index{names};
    for (std::size_t size = 0; size < names.size(); ++size)
        CHECK(index.find(std::string(size, '\xFE')) == size);
    CHECK(index.find(std::string(40, '\xFE')) == 40);
    CHECK(index.find(std::string(8, '\0')) == 40);
}
