// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <examples/program.hpp>
#include <future>
#include <servers.hpp>
#include <string>
#include <temporary_directory.hpp>
#include <thread>

// The fines on a PostgreSQL server, against the same in a SQLite file.
namespace {

struct fines_on {
    postgres_server& server;
    temporary_directory const& directory;

    said run(std::string const& store, std::string const& json, std::string const& cases = "400") const {
        return run_program(
            fines_program + " --batch 64 --cases " + cases + " --store '" + store + "' --json " +
            (directory / json).string());
    }
    boost::json::object sqlite_summary(std::string const& cases = "400") const {
        auto const told = run("sqlite:" + (directory / "fines.db").string(), "sqlite.json", cases);
        REQUIRE_MESSAGE(told.code == 0, told.text);
        return summary_in(directory / "sqlite.json");
    }
};

} // namespace

TEST_CASE("the fines end in the same states on PostgreSQL") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    temporary_directory const directory;
    fines_on const fines{server, directory};
    auto const expected = fines.sqlite_summary();
    auto const told = fines.run("postgres:" + server.uri(), "postgres.json");
    REQUIRE_MESSAGE(told.code == 0, told.text);
    CHECK(summary_in(directory / "postgres.json") == expected);
    auto const again = fines.run(server.uri(), "again.json");
    REQUIRE_MESSAGE(again.code == 0, again.text);
    CHECK(again.text.find(", 0 of them new") != std::string::npos);
    CHECK(summary_in(directory / "again.json") == expected);
    auto const refused = fines.run("postgres:host=127.0.0.1 port=1 user=nobody", "refused.json");
    CHECK(refused.code == 1);
    CHECK(refused.text.starts_with("traffic_fines: PostgreSQL: cannot connect: connection to server at"));
}

TEST_CASE("the fines end in the same states when the server crashes under them") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    temporary_directory const directory;
    fines_on const fines{server, directory};
    auto const expected = fines.sqlite_summary("1500");
    auto program = std::async(
        std::launch::async, [&] { return fines.run("postgres:" + server.uri(), "postgres.json", "1500"); });
    auto crashes = 0;
    using namespace std::chrono_literals;
    auto const has_begun = [&] {
        converge::detail::postgres_connection looking{server.uri()};
        auto const found = looking.execute("SELECT to_regclass('converge.cursor') IS NOT NULL", "look");
        return *PQgetvalue(found.get(), 0, 0) == 't';
    };
    while (program.wait_for(5ms) != std::future_status::ready &&
           !has_begun()) // before, no server is an error
        continue;
    while (program.wait_for(250ms) != std::future_status::ready && crashes < 6) {
        server.restart(SIGQUIT); // as `pg_ctl restart -m immediate`
        ++crashes;
    }
    auto const told = program.get();
    REQUIRE_MESSAGE(told.code == 0, told.text);
    CHECK(crashes > 0);
    CHECK(summary_in(directory / "postgres.json") == expected);
}
