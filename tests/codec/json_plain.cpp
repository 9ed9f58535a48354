// SPDX-License-Identifier: MIT
#include <converge/codec/json.hpp>
#include <converge/codec/json_plain.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace converge;

struct payment {
    BOOST_HANA_DEFINE_STRUCT(
        payment, (std::string, order), (std::int64_t, cents), (bool, final), (std::uint8_t, part));
    bool operator==(payment const&) const = default;
};
struct note {
    BOOST_HANA_DEFINE_STRUCT(note, (std::string, order), (std::optional<std::string>, text));
};
struct nothing {};
struct wordy {
    BOOST_HANA_DEFINE_STRUCT(
        wordy, (int, a_name_that_goes_on_and_on_as_if_nobody_would_ever_have_to_read_it_aloud_in_a_meeting),
        (int, b));
};

static_assert(detail::plain_struct<payment>);
static_assert(!detail::plain_struct<note>);
static_assert(!detail::plain_struct<nothing>);

/// What a parser makes of it, without the short way.
decode_result<payment> parsed(std::string_view text) {
    detail::json_document const document{text};
    payment made{};
    auto const failure =
        document.failure() ? document.failure() : detail::decode_into(document.value(), made);
    return failure ? decode_result<payment>{*failure} : made;
}

bool is_read(std::string_view text) {
    payment made{};
    return detail::read_plain(text, made);
}

} // namespace

TEST_CASE("what the codec writes is read the short way") {
    using limits = std::numeric_limits<std::int64_t>;
    for (auto const cents :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{4200}, limits::min(), limits::max()})
        for (std::string const order : {"", "42", "a b,{}:[]"})
            for (bool const last : {false, true}) {
                payment const wanted{order, cents, last, 255};
                std::string text;
                json_codec{}.encode(wanted, text);
                CAPTURE(text);
                payment made{};
                REQUIRE(detail::read_plain(text, made));
                CHECK(made == wanted);
                REQUIRE(parsed(text).has_value());
                CHECK(*parsed(text) == wanted);
            }
}

TEST_CASE("what is written in another way is left to the parser") {
    std::vector<std::string_view> const others{
        R"({"cents":1,"order":"a","final":true,"part":2})",               // another order
        R"({"order":"a","cents":1,"final":true,"part":2,"more":0})",      // a member more
        R"({"order":"a","cents":1,"final":true,"part":2,"cents":3})",     // a member twice
        R"({ "order":"a","cents":1,"final":true,"part":2})",              // spaces
        R"({"order":"a","cents":1,"final":true,"part":2} )",              //
        R"({"order":"\u0061","cents":1,"final":true,"part":2})",          // an escape
        "{\"order\":\"\xC3\xA4\",\"cents\":1,\"final\":true,\"part\":2}", // not ASCII
        R"({"order":"a","cents":-0,"final":true,"part":2})"};
    for (auto const text : others) {
        CAPTURE(text);
        CHECK_FALSE(is_read(text));
        CHECK(json_codec{}.decode<payment>(text).has_value() == parsed(text).has_value());
        CHECK(parsed(text).has_value());
        CHECK(*json_codec{}.decode<payment>(text) == *parsed(text));
    }
}

TEST_CASE("what is wrong is left to the parser, which says so") {
    std::vector<std::string_view> const wrong{
        "",
        "{",
        R"({"order")",
        R"({"order":"a)",
        R"({"order":"a","cents":)",
        R"({"order":"a","cents":-)",
        R"({"order":"a","cents":01,"final":true,"part":2})",
        R"({"order":"a","cents":+1,"final":true,"part":2})",
        R"({"order":"a","cents":1.5,"final":true,"part":2})",
        R"({"order":"a","cents":9223372036854775808,"final":true,"part":2})",
        R"({"order":"a","cents":1,"final":truE,"part":2})",
        R"({"order":"a","cents":1,"final":1,"part":2})",
        R"({"order":"a","cents":1,"final":true,"part":256})",
        R"({"order":"a","cents":1,"final":true,"part":-1})",
        R"({"order":"a","cents":1,"final":true,"part":2)",
        R"({"order":"a","cents":1,"final":true,"part":2}})",
        "{\"order\":\"\n\",\"cents\":1,\"final\":true,\"part\":2}",
        "{\"order\":\"\xFF\",\"cents\":1,\"final\":true,\"part\":2}"};
    for (auto const text : wrong) {
        CAPTURE(text);
        CHECK_FALSE(is_read(text));
        CHECK_FALSE(json_codec{}.decode<payment>(text).has_value());
        CHECK_FALSE(parsed(text).has_value());
    }
}

TEST_CASE("names of members of any length are written whole") {
    std::string text;
    json_codec{}.encode(wordy{1, 2}, text);
    CHECK(
        text ==
        R"({"a_name_that_goes_on_and_on_as_if_nobody_would_ever_have_to_read_it_aloud_in_a_meeting":1,"b":2})");
    CHECK(json_codec{}.decode<wordy>(text)->b == 2);
}
