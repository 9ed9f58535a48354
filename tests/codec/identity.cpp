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
