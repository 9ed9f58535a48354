// SPDX-License-Identifier: MIT
#include <converge/codec/known_members.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

// The first struct without a description is found, wherever it is in a type.
namespace {

using converge::members_are_not_registered_with_hana;
using converge::detail::json_verdict;

struct plain {
    int number;
};
struct empty {};
struct line {
    BOOST_HANA_DEFINE_STRUCT(line, (std::string, article), (std::optional<std::chrono::seconds>, wait));
};
struct tree {
    BOOST_HANA_DEFINE_STRUCT(tree, (std::string, name), (std::vector<tree>, branches));
};
struct tree_of_plain {
    BOOST_HANA_DEFINE_STRUCT(
        tree_of_plain, (std::vector<tree_of_plain>, branches), (std::optional<plain>, leaf));
};

template <class Type> constexpr bool known = json_verdict<Type>::holds;
template <class Type, class Unknown>
constexpr bool misses = std::same_as<json_verdict<Type>, members_are_not_registered_with_hana<Unknown>>;

static_assert(known<empty> && known<line> && known<tree> && known<std::string> && known<bool>);
static_assert(known<std::map<std::string, std::vector<line>>> && known<std::tuple<int, line>>);
static_assert(misses<plain, plain>);
static_assert(misses<std::vector<plain>, plain> && misses<std::array<plain, 2>, plain>);
static_assert(misses<std::map<std::string, plain>, plain> && misses<std::tuple<int, plain>, plain>);
static_assert(misses<std::optional<std::vector<std::optional<plain>>>, plain>);
static_assert(misses<tree_of_plain, plain> && misses<std::vector<tree_of_plain>, plain>);

} // namespace

TEST_CASE("a struct that is not described is found in what contains it, as the static assertions say") {
    CHECK(known<tree>);
    CHECK_FALSE(known<tree_of_plain>);
}
