// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What floors on PostgreSQL have in common: the store's tables and indexes in a schema, used through libpq,
/// with prepared statements that are sent in a pipeline.
class postgres_by_hand {
protected:
    postgres_by_hand(std::string const& uri, std::string const& schema) {
        {
            converge::postgres_store const made{uri, {.schema = schema}};
        }
        connection_.reset(PQconnectdb(uri.c_str()));
        execute("SET search_path = " + schema + "; SET jit = off; SET plan_cache_mode = force_generic_plan");
    }

    /// After the last `prepare`.
    void begin_pipeline() const {
        execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
                "SET enable_bitmapscan = off");
        PQenterPipelineMode(connection_.get());
    }
    void execute(std::string const& sql) const {
        result_pointer const result{PQexec(connection_.get(), sql.c_str())};
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
            fail();
    }
    void prepare(char const* name, char const* sql) const {
        result_pointer const result{PQprepare(connection_.get(), name, sql, 0, nullptr)};
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
            fail();
    }
    static std::string number(std::int64_t value) {
        std::string bytes;
        converge::detail::append_big_endian(bytes, value);
        return bytes;
    }
    static std::int64_t integer(std::string_view bytes) {
        std::uint64_t value = 0;
        for (auto const byte : bytes)
            value = value << 8U | static_cast<unsigned char>(byte);
        return static_cast<std::int64_t>(value);
    }
    static std::string_view value(PGresult const* result, int row, int column) {
        return {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))};
    }
    void send(char const* statement, std::vector<std::string> const& parameters) const {
        std::vector<char const*> values;
        std::vector<int> lengths;
        for (auto const& each : parameters) {
            values.push_back(each.data());
            lengths.push_back(static_cast<int>(each.size()));
        }
        std::vector<int> const formats(parameters.size(), 1);
        if (PQsendQueryPrepared(
                connection_.get(), statement, static_cast<int>(parameters.size()), values.data(),
                lengths.data(), formats.data(), 1) != 1)
            fail();
    }
    /// Ends the transaction, and takes the results of as many statements.
    template <class Take> void finish(int statements, Take take) const {
        if (PQpipelineSync(connection_.get()) != 1)
            fail();
        for (; statements > 0; --statements) {
            while (result_pointer const result{PQgetResult(connection_.get())}) {
                auto const status = PQresultStatus(result.get());
                if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
                    fail();
                take(result.get());
            }
        }
        result_pointer const end{PQgetResult(connection_.get())};
        if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC)
            fail();
    }

private:
    struct close_connection {
        void operator()(PGconn* each) const noexcept { PQfinish(each); }
    };
    struct clear_result {
        void operator()(PGresult* each) const noexcept { PQclear(each); }
    };
    using result_pointer = std::unique_ptr<PGresult, clear_result>;

    [[noreturn]] void fail() const {
        throw std::runtime_error{std::string{"the floor: "} + PQerrorMessage(connection_.get())};
    }

    std::unique_ptr<PGconn, close_connection> connection_;
};
