// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <servers.hpp>
#include <string>
#include <vector>

// What a module keeps to itself is kept by the server, from everybody who is not of the module.
namespace {

using namespace converge::testing::detail;
using converge::postgres_store;
using converge::store_trouble;

auto const any = converge::expected_version::any();

/// A connection without converge, as a curious user has it.
class plain_connection {
public:
    explicit plain_connection(std::string const& uri) : connection_{PQconnectdb(uri.c_str())} {
        REQUIRE_MESSAGE(PQstatus(connection_.get()) == CONNECTION_OK, PQerrorMessage(connection_.get()));
    }
    /// All rows, their columns joined by '|'; or the SQLSTATE.
    std::vector<std::string> ask(std::string const& sql) {
        converge::detail::postgres_result const result{PQexec(connection_.get(), sql.c_str())};
        if (auto const* const state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE))
            return {state};
        std::vector<std::string> rows;
        for (int row = 0; row < PQntuples(result.get()); ++row) {
            std::string joined;
            for (int column = 0; column < PQnfields(result.get()); ++column)
                joined += (column == 0 ? "" : "|") + std::string{PQgetvalue(result.get(), row, column)};
            rows.push_back(joined);
        }
        return rows;
    }

private:
    std::unique_ptr<PGconn, converge::detail::finish_connection> connection_;
};

using rows = std::vector<std::string>;
rows const denied{"42501"};

/// A server with modules "orders" and "bills", each with a role and a user who has it; and a user who only
/// reads.
struct two_modules {
    postgres_server server;
    postgres_store owner{server.uri()};

    two_modules() {
        owner.give_module("orders", "orders_module");
        owner.give_module("bills", "bills module \"of\" \xC3\xBC"); // awkward, and allowed
        owner.admit_reader("readers");
        plain_connection admin{server.uri()};
        admin.ask("CREATE ROLE clerk LOGIN IN ROLE orders_module");
        admin.ask("CREATE ROLE cashier LOGIN IN ROLE \"bills module \"\"of\"\" \xC3\xBC\"");
        admin.ask("CREATE ROLE visitor LOGIN IN ROLE readers");
        admin.ask("CREATE ROLE stranger LOGIN");
        append(owner, "orders", "one", any, {event_of(1), secret(2), event_of(3)}).value();
        append(owner, "orders", "hidden stream", any, {secret(4)}).value();
        append(owner, "bills", "one", any, {event_of(5), secret(6)}).value();
    }
    static converge::new_event secret(std::uint64_t number) {
        auto event = internal_event_of(number);
        event.name = "secret_name";
        event.payload = "secret payload " + std::to_string(number);
        return event;
    }
    postgres_store as(std::string const& user) const { return postgres_store{server.uri(user)}; }
};

std::string message_of(auto work) {
    try {
        work();
    } catch (converge::store_error const& error) {
        CHECK(error.trouble() == store_trouble::denied);
        return error.what();
    }
    return "taken";
}

} // namespace

TEST_CASE("a foreign role that queries the tables itself gets nothing that is internal") {
    if (!has_postgres_server())
        return;
    two_modules const both;
    plain_connection cashier{both.server.uri("cashier")};
    CHECK(
        cashier.ask("SELECT convert_from(payload, 'UTF8') FROM converge.event ORDER BY 1") ==
        rows{"payload 1", "payload 3", "payload 5", "secret payload 6"});
    CHECK(
        cashier.ask("SELECT count(*) FROM converge.event WHERE internal AND module = "
                    "(SELECT id FROM converge.module WHERE name = 'orders')") == rows{"0"});
    CHECK(
        cashier.ask("SELECT count(*) FROM converge.log WHERE name = 'secret_name' AND module = 'orders'") ==
        rows{"0"});
    CHECK(cashier.ask("SELECT name FROM converge.stream WHERE name = 'hidden stream'").empty());
    // Neither through a function that is called for each row it should not see,
    CHECK(
        cashier.ask(
            "CREATE FUNCTION pg_temp.leak(bytea) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
            "$$ BEGIN IF $1::text LIKE '%736563726574%' THEN RAISE EXCEPTION 'leaked' USING ERRCODE = "
            "'P0042'; END IF; RETURN true; END $$; "
            "SELECT count(*) FROM converge.event WHERE pg_temp.leak(payload) AND module = "
            "(SELECT id FROM converge.module WHERE name = 'orders')") == rows{"2"});
    // nor in the statistics,
    plain_connection{both.server.uri()}.ask("ANALYZE converge.event");
    CHECK(
        cashier.ask("SELECT * FROM pg_stats WHERE schemaname = 'converge' AND tablename = 'event'").empty());
    // nor by switching the security off, nor by making itself another.
    CHECK(cashier.ask("SET row_security = off; SELECT * FROM converge.event") == denied);
    CHECK(cashier.ask("SET ROLE orders_module") == denied);
    CHECK(cashier.ask("TABLE converge.event").size() == 4);
    // What is its own it sees whole.
    plain_connection clerk{both.server.uri("clerk")};
    CHECK(clerk.ask("SELECT count(*) FROM converge.event").front() == "5");
    plain_connection visitor{both.server.uri("visitor")};
    CHECK(visitor.ask("SELECT count(*) FROM converge.event").front() == "3");
    plain_connection stranger{both.server.uri("stranger")};
    CHECK(stranger.ask("SELECT * FROM converge.event") == denied);
}

TEST_CASE("a role writes nothing past the function that appends, and there its own module alone") {
    if (!has_postgres_server())
        return;
    two_modules both;
    plain_connection cashier{both.server.uri("cashier")};
    for (auto const* const sql :
         {"DELETE FROM converge.event", "UPDATE converge.event SET payload = ''", "TRUNCATE converge.event",
          "INSERT INTO converge.cursor VALUES ('process', 'orders', 1, 'cashier')",
          "UPDATE converge.module SET head = 0", "UPDATE converge.module SET role = 'cashier'",
          "SELECT nextval('converge.stream_id')", "DROP TABLE converge.event",
          "CREATE TABLE converge.mine()"}) {
        CAPTURE(sql);
        CHECK(cashier.ask(sql) == denied);
    }
    auto store = both.as("cashier");
    CHECK(
        append(store, "bills", "one", converge::expected_version::exactly(2), {event_of(7)})
            .value()
            .version == 3);
    CHECK(
        message_of([&] { (void)append(store, "orders", "one", any, {event_of(8)}); }) ==
        "PostgreSQL database 'postgres' at 127.0.0.1:" + std::to_string(both.server.port()) +
            ": cannot append events: role \"cashier\" may not append to module \"orders\" (42501)");
    CHECK(message_of([&] {
              (void)append(store, "orders", "one", any, {event_of(8), event_of(9)});
          }).ends_with("role \"cashier\" may not append to module \"orders\" (42501)"));
    CHECK(message_of([&] {
              (void)append(store, "parcels", "one", any, {event_of(8)});
          }).ends_with("role \"cashier\" may not make the module \"parcels\" (42501)"));
    // Nothing of a batch that is refused in part is written.
    auto const events = events_of(10, 1);
    std::array<converge::append_request, 2> const requests{
        {{"bills", "one", any, events}, {"orders", "one", any, events}}};
    CHECK(message_of([&] { (void)store.commit({.appends = requests, .cursors = {}}); }) != "taken");
    CHECK(store.head("bills") == 3);
    CHECK(store.head("orders") == 4);
    // Nor may it use the rights of the owner's function through SET ROLE or a path of its own.
    CHECK(message_of([&] { both.as("visitor").append({"bills", "one", any, events}); }) != "taken");
}

TEST_CASE("a store opened by a foreign role reads what is public, and says so where it asks for more") {
    if (!has_postgres_server())
        return;
    two_modules both;
    auto store = both.as("cashier");
    auto const got = read(store, "orders", 0, no_limit, "bills");
    CHECK(ids_of(got.events) == std::vector{id_of(1), id_of(3)});
    CHECK(got.through == 4);
    CHECK(ids_of(all_of(store, "bills")) == std::vector{id_of(5), id_of(6)});
    CHECK(store.last_of_stream("orders", "one", "bills").value().id == id_of(3));
    CHECK(!store.last_of_stream("orders", "hidden stream", "bills"));
    // To be shown less than one asks for, silently, would be to pass events by.
    auto const where = "PostgreSQL database 'postgres' at 127.0.0.1:" + std::to_string(both.server.port());
    auto const expected = where + ": user 'cashier' may not see what is internal to module 'orders'";
    CHECK(message_of([&] { (void)all_of(store, "orders"); }) == expected);
    CHECK(message_of([&] { (void)read_stream(store, "orders", "one", 0, 5, "orders"); }) == expected);
    CHECK(message_of([&] { (void)store.last_of_stream("orders", "one", "orders"); }) == expected);
    CHECK(ids_of(all_of(store, "bills")) == std::vector{id_of(5), id_of(6)}); // and can be used on
    CHECK(message_of([&] { both.as("stranger"); }) != "taken");
}

TEST_CASE("a role moves its own cursors and sees no others") {
    if (!has_postgres_server())
        return;
    two_modules both;
    auto cashier = both.as("cashier");
    auto clerk = both.as("clerk");
    std::array<converge::cursor, 1> const moved{{{"billing", "orders", 3}}};
    cashier.save_cursors(moved);
    CHECK(cashier.load_cursor("billing", "orders") == 3);
    CHECK(clerk.load_cursor("billing", "orders") == 0);
    CHECK(both.owner.load_cursor("billing", "orders") == 3);
    CHECK(message_of([&] {
              clerk.save_cursors(moved);
          }).ends_with("role \"clerk\" may not move the cursors of another role (42501)"));
    CHECK(both.as("visitor").load_cursor("billing", "orders") == 0);
    both.owner.save_cursors(moved);
}

TEST_CASE("a record belongs to the role of the module of who made it") {
    if (!has_postgres_server())
        return;
    two_modules both;
    plain_connection admin{both.server.uri()};
    admin.ask("CREATE ROLE second_clerk LOGIN IN ROLE orders_module");
    admin.ask("CREATE ROLE auditor LOGIN IN ROLE orders_module, \"bills module \"\"of\"\" \xC3\xBC\"");
    auto clerk = both.as("clerk");
    auto second_clerk = both.as("second_clerk");
    auto cashier = both.as("cashier");
    auto visitor = both.as("visitor");
    auto const made = clerk.write_record("lease of orders", 0, "clerk").value();
    // Who has the same role shares it; so does the owner.
    CHECK(second_clerk.find_record("lease of orders").value().value == "clerk");
    auto const taken = second_clerk.write_record("lease of orders", made, "second clerk").value();
    CHECK(!clerk.write_record("lease of orders", made, "clerk").has_value());
    CHECK(both.owner.find_records("lease").size() == 1);
    // Who has not sees nothing, and neither replaces, removes nor uses it.
    CHECK(!cashier.find_record("lease of orders").has_value());
    CHECK(cashier.find_records("").empty());
    CHECK(message_of([&] { (void)cashier.write_record("lease of orders", 0, ""); })
              .ends_with(
                  "role \"cashier\" may not write the record \"lease of orders\" of another role (42501)"));
    CHECK(message_of([&] { (void)cashier.write_record("lease of orders", taken, ""); })
              .ends_with(
                  "role \"cashier\" may not write the record \"lease of orders\" of another role (42501)"));
    CHECK(message_of([&] { (void)cashier.remove_record("lease of orders", taken); })
              .ends_with(
                  "role \"cashier\" may not remove the record \"lease of orders\" of another role (42501)"));
    auto const event = event_of(20);
    converge::append_request const to_bills{"bills", "one", any, {&event, 1}};
    converge::append_request const to_orders{"orders", "one", any, {&event, 1}};
    converge::fence const fence{"lease of orders", taken};
    CHECK(
        message_of([&] {
            (void)cashier.commit({{&to_bills, 1}, {}, {&fence, 1}});
        }).ends_with("role \"cashier\" may not use the record \"lease of orders\" of another role (42501)"));
    CHECK(cashier.head("bills") == 2);
    // The role writes under the fence, in its own module.
    CHECK(clerk.commit({{&to_orders, 1}, {}, {&fence, 1}}).value().front().first == 5);
    CHECK(message_of([&] { (void)clerk.commit({{&to_bills, 1}, {}, {&fence, 1}}); }) != "taken");
    // Nor do they get at it with SQL of their own.
    plain_connection curious{both.server.uri("cashier")};
    CHECK(curious.ask("SELECT * FROM converge.record").empty());
    for (auto const* const sql :
         {"UPDATE converge.record SET value = ''", "DELETE FROM converge.record",
          "INSERT INTO converge.record VALUES ('x', 1, '', gen_random_uuid(), 'cashier')",
          "UPDATE converge.record_revision SET last = 0", "SELECT converge.role_for_records('clerk')"}) {
        CAPTURE(sql);
        CHECK(curious.ask(sql) == denied);
    }
    CHECK(
        plain_connection{both.server.uri("stranger")}.ask("SELECT converge.write_record('x', 0, '', "
                                                          "gen_random_uuid())") == denied);
    // A reader keeps records of its own; who has several roles keeps his to himself.
    CHECK(visitor.write_record("bookmark", 0, "7").has_value());
    CHECK(visitor.find_records("").size() == 1);
    auto auditor = both.as("auditor");
    CHECK(auditor.find_records("").size() == 1); // of the clerks
    CHECK(auditor.write_record("note", 0, "").has_value());
    CHECK(auditor.find_records("").size() == 2);
    CHECK(clerk.find_records("").size() == 1);
    CHECK(both.owner.find_records("").size() == 3);
    CHECK(second_clerk.remove_record("lease of orders", taken));
}

TEST_CASE("roles that were admitted before there were records may use them") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    {
        converge::detail::postgres_session const session{server.uri(), {}};
        converge::detail::postgres_connection connection{server.uri()};
        std::array<converge::detail::postgres_migration, 1> const first{converge::detail::postgres_version_1};
        converge::detail::postgres_migrator{connection, session, first}.run();
        connection.execute(
            "CREATE ROLE \"the orders\"; CREATE ROLE clerk LOGIN IN ROLE \"the orders\"; "
            "CREATE ROLE stranger LOGIN; "
            "GRANT USAGE ON SCHEMA converge TO \"the orders\", stranger; "
            "GRANT SELECT ON converge.module, converge.stream, converge.event, converge.cursor, "
            "converge.log, converge.converge_schema TO \"the orders\"; "
            "GRANT SELECT ON converge.converge_schema TO stranger; "
            "GRANT EXECUTE ON FUNCTION converge.append TO \"the orders\"; "
            "INSERT INTO converge.module(name, role) VALUES ('orders', 'the orders')",
            "prepare the test");
    }
    postgres_store const owner{server.uri()};
    postgres_store clerk{server.uri("clerk")};
    auto const revision = clerk.write_record("lease", 0, "clerk").value();
    CHECK(owner.find_record("lease").value().revision == revision);
    CHECK(clerk.find_records("lease").size() == 1);
    converge::fence const fence{"lease", revision};
    auto const event = event_of(1);
    converge::append_request const request{"orders", "one", any, {&event, 1}};
    CHECK(clerk.commit({{&request, 1}, {}, {&fence, 1}}).has_value());
    CHECK(clerk.remove_record("lease", revision));
    // Nor may they write less together than one by one.
    auto const many = events_of(2, 100);
    converge::append_request const large{"orders", "many", converge::expected_version::none(), many};
    CHECK(clerk.commit({{&large, 1}, {}}).value().front().last == 101);
    converge::append_request const foreign{"bills", "many", converge::expected_version::none(), many};
    CHECK(trouble_of_call([&] { (void)clerk.commit({{&foreign, 1}, {}}); }) == store_trouble::denied);
    postgres_store bills{server.uri()};
    append(bills, "bills", "one", any, {event_of(1)}).value();
    CHECK(trouble_of_call([&] { (void)clerk.commit({{&foreign, 1}, {}}); }) == store_trouble::denied);
    CHECK(bills.head("bills") == 1);
    postgres_store stranger{server.uri("stranger")};
    CHECK(message_of([&] { (void)stranger.write_record("lease", 0, ""); }) != "taken");
    CHECK(message_of([&] { (void)stranger.find_record("lease"); }) != "taken");
}

TEST_CASE("names of roles that the server would cut are refused") {
    if (!has_postgres_server())
        return;
    postgres_server const server;
    postgres_store store{server.uri()};
    CHECK(trouble_of_call([&] {
              store.give_module("orders", std::string(64, 'r'));
          }) == store_trouble::invalid_argument);
    CHECK(trouble_of_call([&] { store.give_module("", "r"); }) == store_trouble::invalid_argument);
    CHECK(trouble_of_call([&] { store.admit_reader(""); }) == store_trouble::invalid_argument);
    store.give_module("orders", std::string(63, 'r'));
    store.give_module("orders", "another"); // and a module changes hands
    plain_connection admin{server.uri()};
    CHECK(admin.ask("SELECT role FROM converge.module") == rows{"another"});
}
