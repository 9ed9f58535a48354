// SPDX-License-Identifier: MIT
#include <converge/codec/identity.hpp>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

using converge::name_based_id;

TEST_CASE("an id made of parts is a UUID of version 5 over their lengths and bytes") {
    std::string bytes(7, '\0');
    bytes += "\x05order";
    bytes += std::string(7, '\0') + '\x2A';
    boost::uuids::name_generator_sha1 const reference{converge::identity_namespace};
    CHECK(name_based_id(std::string_view{"order"}, std::uint64_t{42}) == reference(bytes));
    CHECK(name_based_id(std::string_view{"order"}).version() == boost::uuids::uuid::version_name_based_sha1);
    CHECK(name_based_id(std::string_view{"order"}).variant() == boost::uuids::uuid::variant_rfc_4122);
}

TEST_CASE("stored ids depend on this one") {
    CHECK(
        to_string(name_based_id(std::string_view{"command"}, std::string_view{"order"}, std::uint64_t{1})) ==
        "f6faf656-a4b1-5682-8376-f3f187cd8206");
}

TEST_CASE("parts do not run together") {
    CHECK(
        name_based_id(std::string_view{"a"}, std::string_view{"bc"}) !=
        name_based_id(std::string_view{"ab"}, std::string_view{"c"}));
    CHECK(name_based_id(std::string_view{"a"}) != name_based_id(std::string_view{"a"}, std::string_view{}));
}

TEST_CASE("ids of a sequence follow each other as the positions do, and are of version 8") {
    converge::id_sequence const steps{std::string_view{"step"}, std::string_view{"order"}};
    auto const id = [](char const* text) { return converge::parse_event_id(text).value(); };
    // Stored ids depend on these.
    CHECK(steps.id_of(0, "42") == id("f73194f5-127b-80ff-b820-db7cc39a0000"));
    CHECK(steps.id_of(1, "42") == id("f73194f5-127b-80ff-b820-dc7cc39a0000"));
    CHECK(steps.id_of(1, "43") == id("f73194f5-127b-80ff-b820-dc4fecf20000"));
    CHECK(steps.id_of(~std::uint64_t{0} >> 1U, "42") == id("f731b4f5-127b-80ff-b820-da7cc39a0000"));
    auto const names = name_based_id(std::string_view{"step"}, std::string_view{"order"});
    auto const first = steps.id_of(0, "42");
    for (std::size_t at = 0; at < 11; ++at) // but for the version and the two bits that say that there is one
        CHECK((first.data[at] & (at == 6 ? 0x0F : 0xFF)) == (names.data[at] & (at == 6 ? 0x0F : 0xFF)));

    std::set<std::uint64_t> positions; // about each power of two, so that every bit is carried into
    for (std::uint64_t power = 1; power <= std::uint64_t{1} << 62U; power *= 2)
        positions.insert({power - 1, power, power + 1});
    auto last = boost::uuids::uuid{};
    for (auto const position : positions) {
        auto const next = steps.id_of(position, "42");
        CHECK(last < next);
        CHECK((next.data[6] & 0xF0) == 0x80);
        CHECK((next.data[8] & 0xC0) == 0x80);
        last = converge::id_counted_on(next, 0xFFFF);
        CHECK(next < last);
        CHECK(last < steps.id_of(position + 1, "43"));
    }
    CHECK(steps.id_of(7, "42") != converge::id_sequence{std::string_view{"step"}}.id_of(7, "42"));
}

TEST_CASE("ids count on from another in their last 32 bits alone, and round") {
    auto const id = [](char const* text) { return converge::parse_event_id(text).value(); };
    auto const from = id("6b1d3f0e-52a7-4c69-9d84-2e71fffffffe");
    CHECK(converge::id_counted_on(from, 0) == from);
    CHECK(converge::id_counted_on(from, 1) == id("6b1d3f0e-52a7-4c69-9d84-2e71ffffffff"));
    CHECK(converge::id_counted_on(from, 2) == id("6b1d3f0e-52a7-4c69-9d84-2e7100000000"));
    CHECK(converge::id_counted_on(from, 0xFFFFFFFFU) == id("6b1d3f0e-52a7-4c69-9d84-2e71fffffffd"));
    CHECK(
        converge::id_counted_on(id("6b1d3f0e-52a7-4c69-9d84-2e7101fe00ff"), 0x00010101U) ==
        id("6b1d3f0e-52a7-4c69-9d84-2e7101ff0200"));
    static_assert(converge::id_counted_on(converge::identity_namespace, 1).data[15] == 0x14);
}

TEST_CASE("random ids differ, and are read as they are written") {
    std::set<boost::uuids::uuid> seen;
    for (int number = 0; number < 1000; ++number) {
        auto const id = converge::random_event_id();
        CHECK(seen.insert(id).second);
        CHECK(converge::parse_event_id(to_string(id)) == id);
    }
    for (auto const* text :
         {"", "x", "6b1d3f0e-52a7-4c69-9d84-2e71c50a8f1", "6b1d3f0e-52a7-4c69-9d84-2e71c50a8f1z"})
        CHECK_FALSE(converge::parse_event_id(text).has_value());
}
