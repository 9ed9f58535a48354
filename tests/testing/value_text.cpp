// SPDX-License-Identifier: MIT
#include <converge/testing/value_text.hpp>

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using converge::testing::value_text;

namespace {

enum class colour : std::uint8_t { red = 3 };
struct address {
    BOOST_HANA_DEFINE_STRUCT(address, (std::string, city), (std::optional<int>, door));
};

} // namespace

TEST_CASE("values read as a person would write them") {
    CHECK(value_text(990) == "990");
    CHECK(value_text(true) == "true");
    CHECK(value_text(0.5) == "0.5");
    CHECK(value_text(colour::red) == "3");
    CHECK(value_text(std::string{"say \"7\""}) == R"("say \"7\"")");
    CHECK(value_text(std::optional<int>{}) == "none");
    CHECK(value_text(std::optional{7}) == "7");
    CHECK(value_text(std::vector{1, 2}) == "[1, 2]");
    CHECK(value_text(std::set<std::string>{"a"}) == R"(["a"])");
    CHECK(value_text(std::map<std::string, int>{{"a", 1}, {"b", 2}}) == "{a: 1, b: 2}");
    CHECK(value_text(std::pair{1, false}) == "(1, false)");
    CHECK(value_text(std::vector{address{"Bonn", 3}}) == R"([{city: "Bonn", door: 3}])");
    CHECK(value_text(boost::uuids::uuid{}) == R"("00000000-0000-0000-0000-000000000000")");
}

TEST_CASE("spans and times have units") {
    CHECK(value_text(0s) == "0s");
    CHECK(value_text(15min) == "15min");
    CHECK(value_text(25h + 30min) == "1d 1h 30min");
    CHECK(value_text(-1500us) == "-1ms 500us");
    auto const day = std::chrono::sys_days{std::chrono::year{2001} / 2 / 3};
    CHECK(value_text(day) == "2001-02-03 00:00:00");
    CHECK(value_text(day + 4h + 5min + 6s + 7us) == "2001-02-03 04:05:06.000007");
}
