// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <servers.hpp>
#include <string>
#include <sys/stat.h>
#include <temporary_directory.hpp>
#include <thread>
#include <utility>
#include <vector>

// Getting to the server, staying there, and saying what is wrong.
namespace {

using namespace converge::testing::detail;
using namespace std::chrono_literals;
using converge::postgres_options;
using converge::postgres_store;
using converge::store_trouble;

auto const any = converge::expected_version::any();

struct refusal {
    store_trouble trouble{};
    std::string message;
};

template <class Work> refusal refusal_of(Work work) {
    try {
        work();
    } catch (converge::store_error const& error) {
        return {error.trouble(), error.what()};
    }
    FAIL("was taken");
    return {};
}

/// SQL that has nothing to do with a store.
void run(std::string const& uri, std::string const& sql) {
    converge::detail::postgres_connection connection{uri};
    connection.execute(sql, "prepare the test");
}

/// Sets variables of the environment, and takes them back.
class environment {
public:
    explicit environment(std::vector<std::pair<std::string, std::string>> variables)
        : variables_{std::move(variables)} {
        for (auto const& [name, value] : variables_)
            ::setenv(name.c_str(), value.c_str(), 1); // NOLINT(concurrency-mt-unsafe)
    }
    environment(environment const&) = delete;
    environment& operator=(environment const&) = delete;
    ~environment() {
        for (auto const& [name, value] : variables_)
            ::unsetenv(name.c_str()); // NOLINT(concurrency-mt-unsafe)
    }

private:
    std::vector<std::pair<std::string, std::string>> variables_;
};

std::string place(postgres_server const& server, std::string const& database = "postgres") {
    return "PostgreSQL database '" + database + "' at 127.0.0.1:" + std::to_string(server.port());
}

} // namespace

TEST_CASE("a server that is not there is named, with the reason, and without the password") {
    auto const refused = refusal_of([] { postgres_store{"postgresql://someone:secret@127.0.0.1:1/fines"}; });
    CHECK(refused.trouble == store_trouble::unavailable);
    CHECK(refused.message.starts_with(
        "PostgreSQL: cannot connect: connection to server at \"127.0.0.1\", port 1 "
        "failed: Connection refused"));
    CHECK(refused.message.find("secret") == std::string::npos);
    CHECK(refused.message.find('\n') == std::string::npos);
    CHECK(refusal_of([] {
              postgres_store{"nonsense=1"};
          }).message == "PostgreSQL: cannot connect: invalid connection option \"nonsense\"");
    for (std::string const schema : {"", "Upper", "a'b", "a\"b", "a b", "\xC3\xBC"})
        CHECK(refusal_of([&] {
                  postgres_store{"", {.schema = schema}};
              }).trouble == store_trouble::invalid_argument);
    CHECK(refusal_of([&] {
              postgres_store{"", {.schema = std::string(51, 'x')}};
          }).trouble == store_trouble::invalid_argument);
}

TEST_CASE("databases that cannot be a store are refused and left as they are") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    CHECK(refusal_of([&] {
              postgres_store{server.uri("owner", "nowhere")};
          }).message.find("database \"nowhere\" does not exist") != std::string::npos);
    run(server.uri(), "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    auto const latin = refusal_of([&] { postgres_store{server.uri("owner", "latin")}; });
    CHECK(latin.trouble == store_trouble::not_a_store);
    CHECK(latin.message == place(server, "latin") + ": the database has encoding LATIN1, a store needs UTF8");
    run(server.uri(), "CREATE SCHEMA taken; CREATE TABLE taken.other()");
    auto const taken = refusal_of([&] { postgres_store{server.uri(), {.schema = "taken"}}; });
    CHECK(taken.trouble == store_trouble::not_a_store);
    CHECK(
        taken.message == place(server) +
                             ": the schema \"taken\" holds something, but not a store of converge; "
                             "it was left as it is");
    auto const missing = refusal_of([&] { postgres_store{server.uri(), {.migrate = false}}; });
    CHECK(missing.trouble == store_trouble::not_a_store);
    CHECK(
        missing.message == place(server) +
                               ": the schema \"converge\" has version 0, this program needs version 6, "
                               "and the options say not to migrate");
    run(server.uri(), "CREATE SCHEMA ours"); // an empty one may have been made by an administrator
    postgres_store const ours{server.uri(), {.schema = "ours"}};
    run(server.uri(), "CREATE ROLE poor LOGIN");
    auto const poor = refusal_of([&] { postgres_store{server.uri("poor"), {.schema = "poor"}}; });
    CHECK(poor.trouble == store_trouble::denied);
    CHECK(
        poor.message == place(server) +
                            ": cannot prepare the schema \"poor\": permission denied for database "
                            "postgres (42501)");
}

TEST_CASE("the schema has a version: older ones are brought up, newer ones refused, failures undone") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    {
        postgres_store store{server.uri()};
        append(store, "orders", "one", any, {event_of(1)}).value();
    }
    converge::detail::postgres_session const session{server.uri(), {}};
    converge::detail::postgres_connection connection{server.uri()};
    std::array<char const*, 1> const next{"CREATE TABLE {schema}.later(x integer)"};
    std::array<char const*, 2> const broken{"CREATE TABLE {schema}.half(x integer)", "CREATE NONSENSE"};
    using converge::detail::postgres_migration;
    using converge::detail::postgres_migrator;
    auto const released = converge::detail::postgres_migrations;
    std::vector<postgres_migration> more{released.begin(), released.end()};
    more.insert(more.end(), {next, broken});
    auto const refused = refusal_of([&] { postgres_migrator{connection, session, more}.run(); });
    CHECK(
        refused.message == place(server) +
                               ": cannot prepare the schema \"converge\": syntax error at or near "
                               "\"NONSENSE\" (42601)");
    CHECK(postgres_migrator{connection, session}.state().version == released.size()); // neither of the two
    more.pop_back();
    postgres_migrator{connection, session, more}.run();
    postgres_migrator{connection, session, more}.run(); // nothing left to do
    CHECK(postgres_migrator{connection, session}.state().version == more.size());
    connection.execute("SELECT x FROM converge.later", "look");
    auto const newer = refusal_of([&] { postgres_store{server.uri()}; });
    CHECK(newer.trouble == store_trouble::newer_schema);
    CHECK(
        newer.message == place(server) + ": the schema \"converge\" has version " +
                             std::to_string(more.size()) + ", this program knows versions up to " +
                             std::to_string(released.size()));
    connection.execute(
        "DELETE FROM converge.converge_schema WHERE version = " + std::to_string(more.size()),
        "prepare the test");
    postgres_store store{server.uri()};
    CHECK(all_of(store, "orders").size() == 1);
}

TEST_CASE("many programs that open an empty database at the same time make one schema") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    std::vector<std::thread> programs;
    std::atomic<int> opened{0};
    for (int program = 0; program < 8; ++program)
        programs.emplace_back([&, program] {
            postgres_store store{server.uri()};
            append(
                store, "orders", std::to_string(program), any,
                {event_of(static_cast<std::uint64_t>(program))})
                .value();
            ++opened;
        });
    for (auto& each : programs)
        each.join();
    CHECK(opened == 8);
    postgres_store store{server.uri()};
    CHECK(store.head("orders") == 8);
}

TEST_CASE(
    "a server that crashes while the schema is prepared is asked again, and one that is not there is not") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    converge::detail::postgres_session session{server.uri(), {}};
    auto calls = 0;
    session.connect([&](converge::detail::postgres_connection& connection) {
        if (++calls == 1)
            server.restart(SIGQUIT);
        (void)connection.execute("SELECT 1", "ask");
    });
    CHECK(calls == 2);
    converge::detail::postgres_session nowhere{"host=127.0.0.1 port=1 user=nobody", {}};
    CHECK_THROWS_AS(
        nowhere.connect([&](converge::detail::postgres_connection&) { ++calls; }),
        converge::detail::postgres_failure);
    CHECK(calls == 2);
}

TEST_CASE("password, TLS and service come from where libpq looks for them") {
    if (!has_postgres_server())
        return;
    postgres_server server{"fsync = off\npassword_encryption = 'scram-sha-256'"};
    run(server.uri(),
        "CREATE ROLE clerk LOGIN PASSWORD 'correct horse'; GRANT CREATE ON DATABASE postgres TO clerk");
    // A certificate of its own authority, for the name by which the server is called here.
    auto const key = (server.data() / "server.key").string();
    auto const certificate = (server.data() / "server.crt").string();
    auto const line =
        "openssl req -new -x509 -days 2 -nodes -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 "
        "-out " +
        certificate + " -keyout " + key + " >" + (server.directory() / "openssl").string() + " 2>&1";
    REQUIRE(std::system(line.c_str()) == 0); // NOLINT(concurrency-mt-unsafe)
    server.own({key, certificate});
    std::ofstream{server.data() / "pg_hba.conf"} << "hostssl all clerk 127.0.0.1/32 scram-sha-256\n"
                                                    "hostnossl all clerk 127.0.0.1/32 reject\n";
    std::ofstream{server.data() / "postgresql.conf", std::ios::app} << "ssl = on\n";
    server.restart(SIGINT);

    temporary_directory const home;
    std::ofstream{home / "services"} << "[fines]\nhost=127.0.0.1\nport=" << server.port()
                                     << "\ndbname=postgres\nuser=clerk\nsslmode=verify-full\nsslrootcert="
                                     << certificate << '\n';
    std::ofstream{home / "passwords"} << "127.0.0.1:*:*:clerk:correct horse\n";
    ::chmod((home / "passwords").c_str(), 0600);
    environment const service{{{"PGSERVICEFILE", (home / "services").string()}}};
    {
        auto const refused = refusal_of([] { postgres_store{"service=fines"}; });
        CHECK(refused.message.find("no password supplied") != std::string::npos);
    }
    {
        environment const wrong{{{"PGPASSWORD", "wrong horse"}}};
        auto const refused = refusal_of([] { postgres_store{"service=fines"}; });
        CHECK(refused.message.find("password authentication failed for user \"clerk\"") != std::string::npos);
        CHECK(refused.message.find("horse") == std::string::npos);
    }
    environment const passwords{{{"PGPASSFILE", (home / "passwords").string()}}};
    {
        auto const refused = refusal_of([] { postgres_store{"service=fines sslmode=disable"}; });
        CHECK(refused.message.find("rejects connection") != std::string::npos);
    }
    {
        auto const refused = refusal_of([] { postgres_store{"service=fines sslrootcert=/dev/null"}; });
        CHECK(refused.trouble == store_trouble::unavailable);
        CHECK(refused.message.find("certificate") != std::string::npos);
    }
    environment const named{{{"PGSERVICE", "fines"}}};
    postgres_store store{""}; // all of it from the environment
    append(store, "orders", "one", any, {event_of(1)}).value();
    CHECK(all_of(store, "orders").size() == 1);
}

TEST_CASE(
    "a server that stays away is reported when the time is over, and the store goes on when it is back") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    postgres_store store{server.uri(), {.reconnect_within = 100ms}};
    append(store, "orders", "one", any, {event_of(1)}).value();
    server.stop(SIGQUIT);
    auto const begin = std::chrono::steady_clock::now();
    auto const refused = refusal_of([&] { (void)append(store, "orders", "one", any, {event_of(2)}); });
    CHECK(refused.trouble == store_trouble::unavailable);
    CHECK(refused.message.find("Connection refused") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK(refusal_of([&] { (void)all_of(store, "orders"); }).trouble == store_trouble::unavailable);
    CHECK(refusal_of([&] { (void)store.lock_runner("process"); }).trouble == store_trouble::unavailable);
    server.start();
    CHECK(append(store, "orders", "one", any, {event_of(2)}).value().version == 2);
    CHECK(all_of(store, "orders").size() == 2);
}

TEST_CASE("a runner that begins while the server is away waits for it") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    postgres_store store{server.uri()};
    server.stop(SIGQUIT);
    auto waiting = std::async(std::launch::async, [&] { return store.lock_runner("process"); });
    std::this_thread::sleep_for(200ms);
    server.start(); // here: it dies with the thread that starts it
    auto const lock = waiting.get();
    postgres_store other{server.uri()};
    CHECK(refusal_of([&] { (void)other.lock_runner("process"); }).trouble == store_trouble::in_use);
}

TEST_CASE("a connection that is broken in the middle of a read repeats nothing") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    postgres_store store{server.uri()};
    auto events = events_of(0, 400);
    for (auto& event : events)
        event.payload.assign(20'000, 'x'); // more than the socket holds, so that the server is still at it
    append(store, "orders", "one", any, events).value();
    auto restarted = false;
    std::vector<converge::event_id> seen;
    auto const through = store.read("orders", 0, 350, "orders", [&](converge::event_view const& each) {
        seen.push_back(each.id);
        if (!std::exchange(restarted, seen.size() == 20 || restarted) && restarted)
            server.restart(SIGQUIT);
    });
    CHECK(restarted);
    CHECK(through == 350);
    CHECK(seen.size() == 350);
    for (std::uint64_t at = 0; at < seen.size(); ++at)
        REQUIRE(seen[static_cast<std::size_t>(at)] == id_of(at));
}

TEST_CASE("an append whose answer was lost is recognised when it is made again") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    postgres_store store{server.uri()};
    postgres_store other{server.uri()};
    append(store, "orders", "one", any, {event_of(1)}).value();
    // The server ends the session right after the commit, before the client has the answer: as seen by the
    // client, nobody knows. What the session's own second try then finds is its own first one.
    converge::detail::postgres_session session{server.uri(), {}};
    converge::detail::postgres_writer writer{session};
    auto const event = event_of(2);
    converge::append_request const request{
        "orders", "one", converge::expected_version::exactly(1), {&event, 1}};
    auto tries = 0;
    auto const done = session.attempt([&](converge::detail::postgres_connection& connection) {
        auto const written = writer.commit(connection, {{&request, 1}, {}});
        if (++tries == 1)
            connection.fail("hear the answer", nullptr);
        return written.value().front();
    });
    CHECK(tries == 2);
    CHECK(done.repeated);
    CHECK(done.version == 2);
    CHECK(all_of(other, "orders").size() == 2);
}

TEST_CASE("troubles of the server have their kind and say what the server said") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    postgres_store store{server.uri()};
    append(store, "orders", "one", any, {event_of(1)}).value();
    SUBCASE("a lock that is held for too long") {
        postgres_store hasty{server.uri() + "?options=-clock_timeout%3D50ms"};
        converge::detail::postgres_connection holder{server.uri()};
        holder.execute("BEGIN; SELECT * FROM converge.module FOR UPDATE", "hold");
        auto const refused = refusal_of([&] { (void)append(hasty, "orders", "one", any, {event_of(2)}); });
        CHECK(refused.trouble == store_trouble::busy);
        CHECK(
            refused.message ==
            place(server) + ": cannot append events: canceling statement due to lock timeout (55P03)");
        CHECK(append(hasty, "bills", "one", any, {event_of(2)}).has_value()); // other modules go on
    }
    SUBCASE("a server for reading only") {
        run(server.uri(), "ALTER DATABASE postgres SET default_transaction_read_only = on");
        postgres_store reader{server.uri()};
        CHECK(all_of(reader, "orders").size() == 1);
        auto const refused = refusal_of([&] { (void)append(reader, "orders", "one", any, {event_of(2)}); });
        CHECK(refused.trouble == store_trouble::read_only);
    }
    SUBCASE("what is stored contradicts itself") {
        run(server.uri(), "DELETE FROM converge.event");
        auto const gone = refusal_of([&] { (void)store.last_of_stream("orders", "one", "orders"); });
        CHECK(gone.trouble == store_trouble::corrupt);
        CHECK(
            gone.message ==
            place(server) + ": the event at position 1 is the last of its stream, but is missing");
        append(store, "orders", "two", any, {event_of(2)}).value();
        run(server.uri(), "DELETE FROM converge.stream WHERE name = 'two'");
        auto const lost = refusal_of([&] { (void)all_of(store, "orders"); });
        CHECK(lost.trouble == store_trouble::corrupt);
        CHECK(lost.message == place(server) + ": the event at position 2 belongs to no stream");
    }
    SUBCASE("isolation and durability that somebody weakened are put right") {
        run(server.uri(), "ALTER DATABASE postgres SET default_transaction_isolation = 'serializable';"
                          "ALTER DATABASE postgres SET synchronous_commit = off");
        postgres_store strict{server.uri()};
        CHECK(append(strict, "orders", "one", any, {event_of(2)}).has_value());
        // Who calls the function in a transaction of his own with a coarser one is told so.
        converge::detail::postgres_session session{server.uri(), {.reconnect_within = 0ms}};
        converge::detail::postgres_writer writer{session};
        auto const event = event_of(3);
        converge::append_request const request{"orders", "one", any, {&event, 1}};
        auto const refused = refusal_of([&] {
            session.attempt([&](converge::detail::postgres_connection& connection) {
                connection.send({"", "begin", "BEGIN ISOLATION LEVEL REPEATABLE READ"}, {});
                connection.sync();
                connection.receive_sync();
                (void)writer.commit(connection, {{&request, 1}, {}});
            });
        });
        CHECK(
            refused.message.find("events are appended with isolation read committed, not repeatable read") !=
            std::string::npos);
    }
    SUBCASE("more than one message holds") {
        std::vector<converge::new_event> events = events_of(10, 9);
        for (auto& event : events)
            event.payload.assign(std::size_t{60} << 20U, 'x');
        auto const refused = refusal_of([&] { (void)append(store, "orders", "one", any, events); });
        CHECK(refused.trouble == store_trouble::invalid_argument);
        CHECK(
            refused.message ==
            "the payloads of one append or batch have 566231040 bytes, at most 536870912 are "
            "allowed on PostgreSQL");
    }
}

TEST_CASE("a runner's lock names its holder and goes with its connection") {
    if (!has_postgres_server())
        return;
    postgres_server server;
    postgres_store store{server.uri() + "?application_name=billing"};
    postgres_store other{server.uri()};
    postgres_store elsewhere{server.uri(), {.schema = "elsewhere"}};
    auto const held = store.lock_runner("order");
    auto const refused = refusal_of([&] { (void)other.lock_runner("order"); });
    CHECK(refused.trouble == store_trouble::in_use);
    CHECK(refused.message.starts_with(
        place(server) + ": another runner of process manager 'order' is at work "
                        "(billing on 127.0.0.1, server process "));
    CHECK_NOTHROW((void)elsewhere.lock_runner("order"));
    run(server.uri(), "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    std::optional<converge::detail::postgres_runner_lock> taken;
    for (auto end = std::chrono::steady_clock::now() + 10s; !taken && std::chrono::steady_clock::now() < end;)
        if (!trouble_of_call([&] { taken.emplace(other.lock_runner("order")); }))
            break;
    CHECK(taken.has_value());
}
