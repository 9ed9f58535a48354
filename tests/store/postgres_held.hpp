// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres.hpp>

#include <chrono>
#include <memory>
#include <string>

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
    void append(converge::append_request const& request) { append({{&request, 1}, {}}); }
    void append(converge::batch const& together) {
        session_->attempt([&](converge::detail::postgres_connection& connection) {
            (void)writer_->commit(connection, together).value();
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
