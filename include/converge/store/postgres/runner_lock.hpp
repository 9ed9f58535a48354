// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres/connection.hpp>
#include <converge/store/postgres/session.hpp>
#include <converge/store/validation.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace converge::detail {

/// The right to run a process manager, as an advisory lock of a connection of its own. The server frees it
/// when the connection ends, however that ends.
///
/// When the server restarts the right is gone and nobody is told; another runner may then begin. That is
/// safe, because each step is appended with an expected version: the lock keeps two runners from wasting
/// their work, no more.
class postgres_runner_lock {
public:
    /// Waits for a server that restarts, as the store does. Throws `store_error`: `in_use` when another
    /// runner holds it, `unavailable`.
    postgres_runner_lock(postgres_session const& session, std::string_view process) {
        try {
            session.repeat([&] {
                connection_ = std::make_unique<postgres_connection>(session.description());
                take(session, process);
            });
        } catch (postgres_failure const& failure) {
            throw store_error{failure.trouble(), failure.what()};
        }
    }

    postgres_runner_lock(postgres_runner_lock&&) noexcept = default;
    postgres_runner_lock& operator=(postgres_runner_lock&& other) noexcept {
        connection_.swap(other.connection_);
        return *this;
    }
    ~postgres_runner_lock() {
        // Waits for the answer: the server notices only a while later that a connection was closed.
        if (connection_)
            (void)postgres_result{PQexec(connection_->get(), "SELECT pg_advisory_unlock_all()")};
    }

private:
    void take(postgres_session const& session, std::string_view process) const {
        auto const key = "hashtextextended(" + literal("converge runner " + session.options().schema + " ") +
                         " || " + literal(process) + ", 0)";
        auto const taken =
            connection_->execute("SELECT pg_try_advisory_lock(" + key + ")", "take the runner's lock");
        if (std::string_view{PQgetvalue(taken.get(), 0, 0)} == "t")
            return;
        connection_->refuse(
            store_trouble::in_use,
            "another runner of process manager " + shown(process) + " is at work" + holder(key));
    }

    std::string literal(std::string_view text) const {
        std::unique_ptr<char, decltype(&PQfreemem)> const quoted{
            PQescapeLiteral(connection_->get(), text.data(), text.size()), &PQfreemem};
        if (!quoted)
            connection_->fail("take the runner's lock", nullptr);
        return quoted.get();
    }

    /// Who holds it, for the message; nothing when it has just been given back.
    std::string holder(std::string const& key) const {
        auto const found = connection_->execute(
            "SELECT a.application_name, coalesce(host(a.client_addr), 'the server itself'), a.pid FROM "
            "pg_locks l "
            "JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND "
            "l.objsubid = 1 "
            "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND (l.classid::bigint << 32 | l.objid::bigint) = " +
                key,
            "find the runner");
        if (PQntuples(found.get()) == 0)
            return "";
        auto const column = [&](int at) { return std::string{PQgetvalue(found.get(), 0, at)}; };
        return " (" + column(0) + " on " + column(1) + ", server process " + column(2) + ")";
    }

    std::unique_ptr<postgres_connection> connection_;
};

} // namespace converge::detail
