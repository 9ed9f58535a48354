// SPDX-License-Identifier: MIT
#include <converge/codec/json.hpp>

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace {

enum class colour : std::uint8_t { red, green };

struct point {
    BOOST_HANA_DEFINE_STRUCT(point, (int, x), (int, y));
};
struct everything {
    BOOST_HANA_DEFINE_STRUCT(
        everything, (std::string, text), (std::int64_t, large), (std::uint64_t, larger), (std::int8_t, small),
        (bool, flag), (double, real), (colour, tint), (std::optional<int>, maybe),
        (std::vector<point>, points), (std::set<int>, numbers), (std::map<std::string, int>, named),
        (std::array<int, 2>, pair), (std::tuple<int, std::string>, mixed), (std::chrono::milliseconds, span));
};
struct nothing {};
struct renamed {
    BOOST_HANA_DEFINE_STRUCT(renamed, (std::string, order), (std::int32_t, cents));
};

template <class Type> std::string encoded(Type const& value) {
    std::string out;
    converge::json_codec{}.encode(value, out);
    return out;
}
template <class Type> std::string wrong(std::string_view bytes) {
    auto const decoded = converge::json_codec{}.decode<Type>(bytes);
    return decoded ? "was taken" : decoded.error().what();
}

everything sample() {
    return {
        "a \"b\" \\ \n \t \x01 \xC3\xA4 \xF0\x9F\x9A\x80",
        std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::uint64_t>::max(),
        -128,
        true,
        0.1,
        colour::green,
        std::nullopt,
        {{1, 2}, {3, 4}},
        {3, 1, 2},
        {{"one", 1}, {"two", 2}},
        {7, 8},
        {5, "six"},
        std::chrono::milliseconds{1500}};
}

} // namespace

TEST_CASE("what is encoded is decoded to the same") {
    auto value = sample();
    auto again = converge::json_codec{}.decode<everything>(encoded(value));
    REQUIRE_MESSAGE(again.has_value(), (again ? "" : again.error().what()));
    CHECK(converge::equal_fields(*again, value));
    value.maybe = 3;
    again = converge::json_codec{}.decode<everything>(encoded(value));
    REQUIRE(again.has_value());
    CHECK(again->maybe == 3);
    CHECK(converge::json_codec{}.decode<nothing>(encoded(nothing{})).has_value());
}

TEST_CASE("the text is what other programs expect") {
    CHECK(encoded(renamed{"42", -7}) == R"({"order":"42","cents":-7})");
    CHECK(encoded(nothing{}) == "{}");
    CHECK(encoded(renamed{"\x01\"\\/\n", 0}) == R"({"order":"\u0001\"\\/\n","cents":0})");
}

TEST_CASE("fields may come in any order, and unknown ones are passed over") {
    auto const read = converge::json_codec{}.decode<renamed>(
        R"({ "cents": 5, "since": {"version": [2, {"deep": null}]}, "order": "1" })");
    REQUIRE(read.has_value());
    CHECK(read->order == "1");
    CHECK(read->cents == 5);
}

TEST_CASE("what is wrong is named with its field") {
    CHECK(wrong<renamed>(R"({"order":"1"})") == "cents: missing");
    CHECK(wrong<renamed>(R"({"order":1,"cents":5})") == "order: expected a string, found an integer");
    CHECK(wrong<renamed>(R"({"order":"1","cents":"5"})") == "cents: expected an integer, found a string");
    CHECK(
        wrong<renamed>(R"({"order":"1","cents":5.5})") ==
        "cents: expected an integer, found a number with a fraction");
    CHECK(
        wrong<renamed>(R"({"order":"1","cents":2147483648})") ==
        "cents: 2147483648 is out of range: -2147483648 to 2147483647");
    CHECK(
        wrong<renamed>(R"({"order":"1","cents":18446744073709551615})") ==
        "cents: 18446744073709551615 is out of range: -2147483648 to 2147483647");
    CHECK(wrong<renamed>(R"({"order":"1","cents":null})") == "cents: expected an integer, found null");
    CHECK(wrong<renamed>("[]") == "expected an object, found an array");
    auto broken = encoded(sample());
    auto const at = broken.find(R"("y":4)");
    REQUIRE(at != std::string::npos);
    broken.replace(at, 5, R"("y":[])");
    CHECK(wrong<everything>(broken) == "points[1].y: expected an integer, found an array");
}

namespace {

struct collections {
    BOOST_HANA_DEFINE_STRUCT(
        collections, (std::map<std::string, int>, named), (std::array<int, 2>, pair),
        (std::tuple<int, std::string>, mixed), (boost::uuids::uuid, id));
};

/// What is said when one member of a good document is replaced.
std::string wrong_collection(std::string_view name, std::string const& value) {
    std::string text{"{"};
    for (auto const& [member, good] : std::map<std::string_view, std::string>{
             {"named", "{}"},
             {"pair", "[1,2]"},
             {"mixed", R"([1,"a"])"},
             {"id", R"("6b1d3f0e-52a7-4c69-9d84-2e71c50a8f13")"}})
        text +=
            (text.size() == 1 ? "\"" : ",\"") + std::string{member} + "\":" + (member == name ? value : good);
    return wrong<collections>(text + "}");
}

} // namespace

TEST_CASE("an error in a collection names the place in it") {
    CHECK(wrong_collection("", "") == "was taken");
    CHECK(wrong_collection("named", R"({"a":1,"b":"x"})") == "named.b: expected an integer, found a string");
    CHECK(wrong_collection("named", "[]") == "named: expected an object, found an array");
    CHECK(wrong_collection("pair", "[1]") == "pair: expected 2 items, found 1");
    CHECK(wrong_collection("pair", "[1,2,3]") == "pair: expected 2 items, found 3");
    CHECK(wrong_collection("pair", "[1,true]") == "pair[1]: expected an integer, found a boolean");
    CHECK(wrong_collection("mixed", "[1]") == "mixed: expected 2 items, found 1");
    CHECK(wrong_collection("mixed", R"([1,"a",2])") == "mixed: expected 2 items, found 3");
    CHECK(wrong_collection("mixed", "[1,2]") == "mixed[1]: expected a string, found an integer");
    CHECK(wrong_collection("id", "7") == "id: expected a UUID, found an integer");
    CHECK(
        wrong_collection("id", R"("{6b1d3f0e-52a7-4c69-9d84-2e71c50a8f13}")") ==
        "id: '{6b1d3f0e-52a7-4c69-9d84-2e71c50a8f13}' is no UUID");
    CHECK(
        wrong_collection("id", R"("6b1d3f0e-52a7-4c69-9d84-2e71c50a8f1z")") ==
        "id: '6b1d3f0e-52a7-4c69-9d84-2e71c50a8f1z' is no UUID");
    CHECK(
        wrong_collection("id", R"("6b1d3f0e52a74c699d842e71c50a8f13")") ==
        "id: '6b1d3f0e52a74c699d842e71c50a8f13' is no UUID");
}

TEST_CASE("what is no JSON is refused with the place") {
    CHECK(wrong<renamed>("") == "no JSON at byte 0 of 0: incomplete JSON");
    CHECK(wrong<renamed>(R"({"order":"1","cents":5)") == "no JSON at byte 22 of 22: incomplete JSON");
    CHECK(wrong<renamed>(R"({"order":"1",cents:5})") == "no JSON at byte 13 of 21: syntax error");
    CHECK(wrong<renamed>(R"({"order":"1","cents":5} x)") == "something follows the JSON value at byte 24");
    CHECK(wrong<renamed>(std::string(100'000, '[')) == "no JSON at byte 32 of 100000: too deep");
}

TEST_CASE("text that is not UTF-8 and numbers that are not finite are not written") {
    CHECK_THROWS_WITH_AS(encoded(renamed{"\xFF", 0}), doctest::Contains("order"), converge::encode_error);
    auto value = sample();
    value.real = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(encoded(value), doctest::Contains("real"), converge::encode_error);
}

TEST_CASE("integers of every size come back as they were") {
    std::mt19937_64 random{5};
    auto const check = [](std::int64_t number) {
        auto value = sample();
        value.large = number;
        value.larger = static_cast<std::uint64_t>(number);
        auto const again = converge::json_codec{}.decode<everything>(encoded(value));
        REQUIRE(again.has_value());
        CHECK(again->large == number);
        CHECK(again->larger == static_cast<std::uint64_t>(number));
    };
    for (int shift = 0; shift < 64; ++shift)
        for (int round = 0; round < 20; ++round)
            check(static_cast<std::int64_t>(random() >> static_cast<unsigned>(shift)));
}

TEST_CASE("damaged bytes are an error or a value, and never anything else") {
    std::mt19937 random{6};
    auto const good = encoded(sample());
    std::size_t refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto bytes = good;
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            auto const at = random() % bytes.size();
            switch (random() % 3) {
            case 0:
                bytes[at] = static_cast<char>(random());
                break;
            case 1:
                bytes.erase(at, 1 + random() % 5);
                break;
            default:
                bytes.insert(at, 1, "{}[]\",:0e-"[random() % 10]);
            }
        }
        auto const decoded = converge::json_codec{}.decode<everything>(bytes);
        if (!decoded) {
            ++refused;
            CHECK_FALSE(decoded.error().what().empty());
        }
    }
    CHECK(refused > 10'000);
}

TEST_CASE("values are equal when each field is, however deep") {
    auto const one = sample();
    auto other = sample();
    CHECK(converge::equal_fields(one, other));
    other.points[1].y = 5;
    CHECK_FALSE(converge::equal_fields(one, other));
    other = sample();
    other.points.pop_back();
    CHECK_FALSE(converge::equal_fields(one, other));
    other = sample();
    other.maybe = 0;
    CHECK_FALSE(converge::equal_fields(one, other));
    other = sample();
    std::get<1>(other.mixed) = "seven";
    CHECK_FALSE(converge::equal_fields(one, other));
    CHECK(converge::equal_fields(nothing{}, nothing{}));
}

namespace {
struct measured {
    BOOST_HANA_DEFINE_STRUCT(measured, (double, wide), (float, narrow));
};
} // namespace

TEST_CASE("a number that no floating point number can hold is an error, not infinity") {
    CHECK(wrong<measured>(R"({"wide":2e308,"narrow":1})") == "wide: the number is too large");
    CHECK(wrong<measured>(R"({"wide":-1e999,"narrow":1})") == "wide: the number is too large");
    CHECK(wrong<measured>(R"({"wide":1,"narrow":1e39})") == "narrow: the number is too large");
    CHECK(wrong<measured>(R"({"wide":1.7976931348623157e308,"narrow":-3.4e38})") == "was taken");
}

TEST_CASE("every floating point number comes back as it was") {
    std::mt19937_64 random{20'261'125};
    std::string out;
    auto const comes_back = [&](measured const& value) {
        out.clear();
        converge::json_codec{}.encode(value, out);
        auto const again = converge::json_codec{}.decode<measured>(out);
        INFO(out);
        REQUIRE(again.has_value());
        CHECK(std::bit_cast<std::uint64_t>(again->wide) == std::bit_cast<std::uint64_t>(value.wide));
        CHECK(std::bit_cast<std::uint32_t>(again->narrow) == std::bit_cast<std::uint32_t>(value.narrow));
    };
    for (int round = 0; round < 100'000; ++round) {
        measured const value{
            std::bit_cast<double>(random()), std::bit_cast<float>(static_cast<std::uint32_t>(random()))};
        if (std::isfinite(value.wide) && std::isfinite(value.narrow))
            comes_back(value);
    }
    comes_back({std::numeric_limits<double>::denorm_min(), std::numeric_limits<float>::denorm_min()});
    comes_back({std::numeric_limits<double>::max(), std::numeric_limits<float>::lowest()});
    comes_back({922337207685473372076854775808.0, 0.1F}); // found by fuzzing
    comes_back({-0.0, -0.0F});
}
