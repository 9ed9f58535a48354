// SPDX-License-Identifier: MIT
#include <converge/store/append.hpp>
#include <converge/store/validation.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <string>

namespace {

std::string refusal_of(converge::append_request const& request) {
    try {
        converge::require_valid(request);
        return "taken";
    } catch (converge::store_error const& error) {
        CHECK(error.trouble() == converge::store_trouble::invalid_argument);
        return error.what();
    }
}

} // namespace

TEST_CASE("what is not allowed is named with its value") {
    auto const any = converge::expected_version::any();
    converge::new_event event{{}, "name", false, ""};
    CHECK(refusal_of({"m", "s", any, {&event, 1}}) == "taken");
    CHECK(refusal_of({"", "s", any, {&event, 1}}) == "module name '' is empty");
    CHECK(
        refusal_of({"m", std::string(1025, 's'), any, {&event, 1}}) ==
        "stream name '" + std::string(64, 's') + "...' has 1025 bytes, at most 1024 are allowed");
    CHECK(
        refusal_of({"m", std::string{"a\0b", 3}, any, {&event, 1}}) ==
        "stream name 'a\\x00b' has a NUL at byte 1");
    CHECK(refusal_of({"m", "ab\xC3(", any, {&event, 1}}) == "stream name 'ab\\xC3(' is not UTF-8 at byte 2");
    CHECK(refusal_of({"m", "s", any, {}}) == "an append to stream 's' has no events");
    event.name.clear();
    CHECK(refusal_of({"m", "s", any, {&event, 1}}) == "event name '' is empty");
}

TEST_CASE("overlong, surrogate and truncated sequences are no UTF-8") {
    for (std::string const bad :
         {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xFE"})
        CHECK(converge::detail::utf8_sequence(bad) == 0);
    for (std::string const good : {"a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"})
        CHECK(converge::detail::utf8_sequence(good) == good.size());
}

TEST_CASE("what came of an append is told in words, to tests that check it as it is") {
    auto const said = [](auto const& value) {
        std::ostringstream text;
        text << value;
        return text.str();
    };
    CHECK(said(converge::appended{7, 7, 3, false}) == "position 7, version 3");
    CHECK(said(converge::appended{7, 9, 3, true}) == "positions 7 to 9, version 3, repeated");
    CHECK(
        said(converge::append_result{converge::wrong_version{0, 4}}) ==
        "error:request 0: the stream holds 4 events, another number was expected");
}
