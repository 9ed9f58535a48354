// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>
#include <converge/testing/store_conformance.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <servers.hpp>
#include <string>

namespace {

using converge::postgres_store;

static_assert(converge::event_log<postgres_store>);
static_assert(converge::cursor_store<postgres_store>);
static_assert(converge::atomic_batch_log<postgres_store>);
static_assert(converge::runner_lock_store<postgres_store>);
static_assert(converge::awaitable_log<postgres_store>);

/// A transaction that stays open.
class postgres_held {
public:
    postgres_held(std::string const& uri, std::string const& schema)
        : session_{std::make_unique<converge::detail::postgres_session>(
              uri,
              converge::postgres_options{
                  .schema = schema, .reconnect_within = std::chrono::milliseconds{0}, .notify = false})},
          writer_{std::make_unique<converge::detail::postgres_writer>(*session_)} {
        run("BEGIN");
    }
    void append(converge::append_request const& request) {
        session_->attempt([&](converge::detail::postgres_connection& connection) {
            (void)writer_->commit(connection, {{&request, 1}, {}}).value();
        });
    }
    void commit() { run("COMMIT"); }
    void roll_back() { run("ROLLBACK"); }

private:
    void run(std::string const& sql) {
        session_->attempt([&](converge::detail::postgres_connection& connection) {
            connection.send({"", sql, sql}, {});
            connection.sync();
            connection.receive();
            connection.receive_sync();
        });
    }

    std::unique_ptr<converge::detail::postgres_session> session_;
    std::unique_ptr<converge::detail::postgres_writer> writer_;
};

/// A schema of its own on a server that is shared.
struct postgres_fixture {
    postgres_server* server;
    std::string schema;
    postgres_store open() const { return postgres_store{server->uri(), {.schema = schema}}; }
    postgres_held begin() const { return {server->uri(), schema}; }
    void interrupt() const { server->restart(SIGQUIT); } // as `pg_ctl restart -m immediate`
};

} // namespace

TEST_CASE("the PostgreSQL store keeps the promises of the contract") {
    if (!has_postgres_server())
        return;
    static postgres_server server; // for all subcases
    static int schemas = 0;
    converge::testing::store_conformance(
        [&] { return postgres_fixture{&server, "conformance_" + std::to_string(++schemas)}; });
}
