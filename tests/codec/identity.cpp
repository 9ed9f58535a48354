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

TEST_CASE("a namespace is the name of its parts, and names in it are of version 5") {
    converge::id_namespace const names{std::string_view{"step"}, std::string_view{"order"}};
    boost::uuids::name_generator_sha1 const reference{
        name_based_id(std::string_view{"step"}, std::string_view{"order"})};
    std::string const bytes = std::string(7, '\0') + "\x02" + "42" + std::string(7, '\0') + '\x07';
    CHECK(names.id_of(std::string_view{"42"}, std::uint64_t{7}) == reference(bytes));
    CHECK(converge::id_namespace{}.id_of(std::uint64_t{7}) == name_based_id(std::uint64_t{7}));
    CHECK(
        to_string(names.id_of(std::string_view{"42"}, std::uint64_t{7})) ==
        "809d12af-d246-516f-b665-4b36ff2aab59");
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
