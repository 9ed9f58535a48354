// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres/failure.hpp>
#include <converge/store/postgres/parameters.hpp>
#include <converge/store/postgres/result.hpp>

#include <libpq-fe.h>

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

namespace converge::detail {

/// A statement that is prepared on a connection when it is first used there.
struct postgres_statement {
    std::string name; ///< empty: prepared each time
    std::string what; ///< "append events": what failed, for messages
    std::string sql;
};

/// A name in double quotes, as SQL takes it whatever is in it.
inline std::string quoted_identifier(std::string_view name) {
    std::string out{'"'};
    for (auto const each : name)
        out.append(each == '"' ? 2 : 1, each);
    return out + '"';
}

struct finish_connection {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};

/// A connection in pipeline mode: statements are queued with `send`, `sync` ends a transaction and sends all,
/// and `receive` reads what they give, in their order. What is not received is thrown away before the next
/// `send`. One thread at a time.
class postgres_connection {
public:
    /// Throws `postgres_failure`, transient, when there is no connection; `store_error` when the server is
    /// not fit.
    explicit postgres_connection(std::string const& description) {
        std::array<char const*, 4> const names{
            "dbname", "fallback_application_name", "client_encoding", nullptr};
        std::array<char const*, 4> const values{description.c_str(), "converge", "UTF8", nullptr};
        connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
        if (!connection_ || PQstatus(get()) != CONNECTION_OK)
            throw postgres_failure{"PostgreSQL: cannot connect: " + last_message(), ""};
        PQsetNoticeProcessor(
            get(), [](void*, char const*) {}, nullptr); // or it writes to the program's stderr
        where_ = std::string{"PostgreSQL database '"} + PQdb(get()) + "' at " + PQhost(get()) + ":" +
                 PQport(get());
        require_fit_server();
        // The promises rest on the first two. The others keep a plan that was made for an empty table from
        // reading all of a large one.
        execute(
            "SET default_transaction_isolation = 'read committed';"
            "SELECT set_config('synchronous_commit', 'on', false)"
            "    WHERE current_setting('synchronous_commit') = 'off';"
            "SET search_path = pg_catalog; SET client_min_messages = warning; SET jit = off;"
            "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
            "SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off",
            "configure the connection");
    }

    PGconn* get() const noexcept { return connection_.get(); }
    /// "PostgreSQL database 'fines' at db.example.org:5432": neither user nor password.
    std::string const& where() const noexcept { return where_; }
    bool is_lost() const noexcept { return PQstatus(get()) != CONNECTION_OK; }
    /// Whether statements are queued that no `sync` has ended yet.
    bool is_sending() const noexcept { return sending_; }

    /// Runs SQL without parameters, several statements even, and waits for its end. Only before
    /// `start_pipeline`.
    postgres_result execute(std::string const& sql, std::string_view what) {
        postgres_result result{PQexec(get(), sql.c_str())};
        auto const status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            fail(what, result.get());
        return result;
    }

    void start_pipeline() noexcept { PQenterPipelineMode(get()); }

    /// Queues a statement, and its preparation where it is used for the first time. With `row_by_row` the
    /// rows are received as they come, and never all in memory.
    void send(
        postgres_statement const& statement, postgres_parameters const& parameters, bool row_by_row = false) {
        drop_leftovers();
        if (statement.name.empty() || prepared_.insert(statement.name).second) {
            if (PQsendPrepare(get(), statement.name.c_str(), statement.sql.c_str(), 0, nullptr) != 1)
                fail(statement.what, nullptr);
            awaited_.push_back({step::prepare, statement.name, statement.what, false});
        }
        auto const values = parameters.values();
        auto const lengths = parameters.lengths();
        auto const formats = parameters.formats();
        if (PQsendQueryPrepared(
                get(), statement.name.c_str(), parameters.size(), values.data(), lengths.data(),
                formats.data(), 1) != 1)
            fail(statement.what, nullptr);
        awaited_.push_back({step::execute, {}, statement.what, row_by_row});
        sending_ = true;
    }

    /// Ends the transaction, and sends what is queued.
    void sync() {
        auto const what = awaited_.empty() ? std::string{"send"} : awaited_.back().what;
        if (PQpipelineSync(get()) != 1)
            fail(what, nullptr);
        awaited_.push_back({step::sync, {}, what, false});
        sending_ = false;
    }

    /// Calls `visit(row)` for each row that the next statement gives. Throws `postgres_failure`.
    template <class Visit> void receive(Visit&& visit) {
        while (!awaited_.empty() && awaited_.front().kind != step::execute)
            receive_one([](postgres_row const&) {});
        receive_one(visit);
    }
    void receive() {
        receive([](postgres_row const&) {});
    }
    /// Waits for the end of the transaction, which may fail as well.
    void receive_sync() {
        while (!awaited_.empty())
            receive_one([](postgres_row const&) {});
    }

    /// Reads and throws away what was sent and not received; errors too.
    void drop_leftovers() noexcept {
        if (sending_)
            return;
        while (!awaited_.empty() && !is_lost()) {
            postgres_result const result{PQgetResult(get())};
            advance(PQresultStatus(result.get()), result == nullptr);
        }
    }

    /// Throws `postgres_failure`: "WHERE: cannot WHAT: what the server, or libpq, says (SQLSTATE)".
    [[noreturn]] void fail(std::string_view what, PGresult const* result) const {
        auto const* const code = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
        auto const* const said =
            result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        std::string const state = code == nullptr ? "" : code;
        throw postgres_failure{
            where_ + ": cannot " + std::string{what} + ": " + (said == nullptr ? last_message() : said) +
                (state.empty() ? "" : " (" + state + ")"),
            state};
    }

    /// Throws `store_error`: "WHERE: WHY".
    [[noreturn]] void refuse(store_trouble trouble, std::string const& why) const {
        throw store_error{trouble, where_ + ": " + why};
    }

private:
    enum class step { prepare, execute, sync };
    struct awaited {
        step kind;
        std::string name; // of the statement that is prepared
        std::string what;
        bool row_by_row;
    };

    void require_fit_server() const {
        constexpr int oldest = 150'000;
        if (PQserverVersion(get()) < oldest)
            refuse(
                store_trouble::unavailable, "the server is PostgreSQL " +
                                                std::to_string(PQserverVersion(get()) / 10'000) +
                                                ", 15 is the oldest that will do");
        auto const* const encoding = PQparameterStatus(get(), "server_encoding");
        if (encoding == nullptr || std::string_view{encoding} != "UTF8")
            refuse(
                store_trouble::not_a_store, std::string{"the database has encoding "} +
                                                (encoding == nullptr ? "unknown" : encoding) +
                                                ", a store needs UTF8");
    }

    /// Reads the results of the first step that is awaited.
    template <class Visit> void receive_one(Visit&& visit) {
        if (awaited_.empty())
            fail("receive a result", nullptr);
        if (awaited_.front().row_by_row)
            PQsetSingleRowMode(get());
        for (auto const before = awaited_.size(); awaited_.size() == before;) {
            postgres_result const result{PQgetResult(get())};
            auto const status = PQresultStatus(result.get());
            auto const has_rows = status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
            if (has_rows)
                for (int row = 0; row < PQntuples(result.get()); ++row)
                    visit(postgres_row{result.get(), row});
            auto const failed =
                (result && !has_rows && status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC) ||
                is_lost();
            auto const what = failed ? awaited_.front().what : std::string{};
            advance(status, result == nullptr);
            if (failed)
                fail(what, result.get());
        }
    }

    /// Notes what a result says of the steps that are awaited: null ends a statement, a sync itself.
    void advance(ExecStatusType status, bool is_end) {
        auto const& front = awaited_.front();
        if (!is_end && front.kind == step::prepare &&
            (status == PGRES_FATAL_ERROR || status == PGRES_PIPELINE_ABORTED))
            prepared_.erase(front.name);
        if (front.kind == step::sync ? status == PGRES_PIPELINE_SYNC : is_end)
            awaited_.pop_front();
        else if (is_end)
            awaited_.clear(); // nothing more will come
    }

    std::string last_message() const {
        std::string said = connection_ ? PQerrorMessage(get()) : "out of memory";
        while (!said.empty() && said.back() == '\n')
            said.pop_back();
        for (auto at = said.find('\n'); at != std::string::npos; at = said.find('\n', at))
            said.replace(at, 1, "; ");
        return said.empty() ? "the connection is lost" : said;
    }

    std::unique_ptr<PGconn, finish_connection> connection_;
    std::string where_ = "PostgreSQL";
    std::unordered_set<std::string> prepared_;
    std::deque<awaited> awaited_;
    bool sending_ = false; // between `send` and `sync`: nothing of these can be received yet
};

} // namespace converge::detail
