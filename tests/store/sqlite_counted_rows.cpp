// SPDX-License-Identifier: MIT
#include <converge/store/sqlite.hpp>

#include <doctest/doctest.h>

#include <string>
#include <temporary_directory.hpp>

// Numbers that are counted on, changed by hand to what no append writes.

TEST_CASE("a last position, a version or a number that no append writes is refused, and named") {
    temporary_directory const directory;
    auto const file = directory / "changed.db";
    converge::new_event const event{converge::event_id{{1}}, "placed", false, "{}"};
    converge::append_request const request{"orders", "one", converge::expected_version::any(), {&event, 1}};
    converge::sqlite_store{file}.append(request).value();
    std::string change;
    std::string refusal;
    SUBCASE("the last position") {
        change = "UPDATE module SET head = -9223372036854775808";
        refusal = "the last position of module 'orders' is -9223372036854775808, which is none";
    }
    SUBCASE("the version of a stream") {
        change = "UPDATE stream SET version = 9223372036854775807";
        refusal = "the version of stream 'one' is 9223372036854775807, which is none";
    }
    SUBCASE("the number of a module") {
        change = "UPDATE module SET id = 0";
        refusal = "the number of module 'orders' is 0, which is none";
    }
    converge::detail::sqlite_connection{file, converge::sqlite_options{}}.execute(
        change, "change it by hand");
    converge::sqlite_store store{file};
    CHECK_THROWS_WITH_AS(
        (void)store.append(request), doctest::Contains(refusal.c_str()), converge::store_error);
}
