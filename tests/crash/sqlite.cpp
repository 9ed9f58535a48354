// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <crash/killing.hpp>
#include <string>
#include <temporary_directory.hpp>

TEST_CASE(
    "SQLite: workers that are killed at any moment leave each effect once, and each deadline fired once") {
    temporary_directory const directory;
    crash::check_killing<crash::in_sqlite>(directory.path().string());
}

// The test above can fail: the same workers, whose handlers do not use the command's id.
TEST_CASE("SQLite: handlers that append plainly are found out") {
    temporary_directory const directory;
    bool found = false;
    for (int attempt = 0; attempt < 20 && !found; ++attempt) {
        auto const address = (directory / std::to_string(attempt)).string();
        std::filesystem::create_directory(address);
        auto const result = crash::killing<crash::in_sqlite>{address, {.kills = 20, .once = false}}.run();
        found = std::ranges::any_of(result.wrong, [](std::string const& each) {
            return each.starts_with("ledger: ") && each.ends_with(" times, not once");
        });
    }
    CHECK(found);
}
