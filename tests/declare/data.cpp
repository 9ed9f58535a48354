// SPDX-License-Identifier: MIT
#include <converge/declare/data.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace {

struct paid {
    std::int64_t cents;
    std::string by;
};
struct refunded {
    std::int64_t amount;
};

struct total : converge::sum<&paid::cents, &refunded::amount> {};
struct taken : converge::count<paid, refunded> {};
struct least : converge::minimum<&paid::cents> {};
struct most : converge::maximum<&paid::cents, &refunded::amount> {};
struct payers : converge::union_of<&paid::by> {};
struct last_payer : converge::latest<&paid::by> {};
using data = converge::folds<total, taken, least, most, payers, last_payer>;

} // namespace

TEST_CASE("folds of nothing") {
    data const none;
    CHECK(get<total>(none) == 0);
    CHECK(get<taken>(none) == 0);
    CHECK_FALSE(get<least>(none).has_value());
    CHECK_FALSE(get<most>(none).has_value());
    CHECK(get<payers>(none).empty());
    CHECK_FALSE(get<last_payer>(none).has_value());
}

TEST_CASE("folds say whether they changed") {
    data some;
    CHECK(some.take(paid{5, "ann"}, 7));
    CHECK(get<total>(some) == 5);
    CHECK(get<least>(some) == 5);
    CHECK(get<last_payer>(some) == "ann");
    converge::folds<least, payers> few;
    CHECK(few.take(paid{5, "ann"}, 1));
    CHECK_FALSE(few.take(paid{5, "ann"}, 2));
    CHECK_FALSE(few.take(refunded{1}, 3)); // no fold is over it
    CHECK(few.take(paid{4, "ann"}, 4));
    converge::folds<total> sums;
    CHECK_FALSE(sums.take(paid{0, "ann"}, 1));
}

TEST_CASE("a sum that overflows wraps, and so stays independent of the order") {
    data one;
    data other;
    auto const most_of_all = std::numeric_limits<std::int64_t>::max();
    one.take(paid{most_of_all, ""}, 1);
    one.take(paid{1, ""}, 2);
    one.take(refunded{-1}, 1);
    other.take(refunded{-1}, 1);
    other.take(paid{most_of_all, ""}, 1);
    other.take(paid{1, ""}, 2);
    CHECK(get<total>(one) == most_of_all);
    CHECK(get<total>(one) == get<total>(other));
}

TEST_CASE("any order of the same events gives the same data") {
    std::mt19937 random{1};
    for (int round = 0; round < 300; ++round) {
        struct arrival {
            std::variant<paid, refunded> event;
            std::uint64_t at;
        };
        std::vector<arrival> arrivals;
        static std::array<char const*, 3> const names{"ann", "bob", "eve"};
        for (std::uint64_t at = 1; at <= 8; ++at)
            arrivals.push_back(
                random() % 3 == 0
                    ? arrival{refunded{static_cast<std::int64_t>(random() % 100) - 50}, at}
                    : arrival{paid{static_cast<std::int64_t>(random() % 100), names[random() % 3]}, at});
        auto const all_of = [](std::vector<arrival> const& in) {
            data made;
            for (auto const& each : in)
                std::visit([&](auto const& event) { made.take(event, each.at); }, each.event);
            return made;
        };
        auto const expected = all_of(arrivals);
        for (int order = 0; order < 10; ++order) {
            std::shuffle(arrivals.begin(), arrivals.end(), random);
            REQUIRE(all_of(arrivals) == expected);
        }
    }
}
