// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres.hpp>

#include <libpq-fe.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <store/workload.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The floor on PostgreSQL, written against libpq: the same rows in the same tables with the same indexes,
/// the same durability, one round trip. Three prepared statements in a pipeline, one transaction: all events
/// by one INSERT from arrays, all streams by another, the head of the module. It is the only writer and
/// counts by itself, so it looks up neither stream, version nor head, holds no lock before the end, wakes
/// nobody, and when an id were there already it would fail.
class postgres_floor {
public:
    postgres_floor(std::string const& uri, std::string const& schema) {
        {
            converge::postgres_store const made{uri, {.schema = schema}};
        }
        connection_.reset(PQconnectdb(uri.c_str()));
        execute("SET search_path = " + schema + "; SET jit = off; SET plan_cache_mode = force_generic_plan");
        execute("INSERT INTO module(name) VALUES ('payments')");
        prepare(
            "events",
            "INSERT INTO event SELECT 1, g.position, g.position, 1, false, clock_timestamp(), g.id, g.name, "
            "g.payload FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::bytea[]) "
            "g(position, id, name, payload)");
        prepare(
            "streams", "INSERT INTO stream(id, module, name, version, last, last_public) "
                       "SELECT g.position, 1, g.name, 1, g.position, g.position "
                       "FROM unnest($1::bigint[], $2::text[]) g(position, name)");
        prepare("head", "UPDATE module SET head = $1::bigint WHERE id = 1");
        prepare(
            "page",
            "SELECT e.position, e.version, e.internal, e.recorded_at, e.id, e.name, e.payload, s.name "
            "FROM event e JOIN stream s ON s.id = e.stream "
            "WHERE e.module = 1 AND e.position > $1::bigint ORDER BY e.position LIMIT $2::bigint");
        prepare(
            "last", "SELECT e.position, e.version, e.internal, e.recorded_at, e.id, e.name, e.payload "
                    "FROM stream s JOIN event e ON e.module = 1 AND e.position = s.last "
                    "WHERE s.module = 1 AND s.name = $1::text");
        execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
                "SET enable_bitmapscan = off");
        PQenterPipelineMode(connection_.get());
    }

    void append(rows const& batch) {
        using converge::detail::postgres_array;
        using converge::detail::postgres_type;
        postgres_array positions{postgres_type::bigint};
        postgres_array ids{postgres_type::uuid};
        postgres_array names{postgres_type::text};
        postgres_array payloads{postgres_type::bytes};
        postgres_array streams{postgres_type::text};
        for (std::size_t at = 0; at < batch.size(); ++at) {
            positions.add(++position_);
            ids.add(batch.events()[at].id);
            names.add(std::string_view{batch.events()[at].name});
            payloads.add(std::string_view{batch.events()[at].payload});
            streams.add(std::string_view{batch.streams()[at]});
        }
        auto const numbers = std::move(positions).finish();
        send(
            "events",
            {numbers, std::move(ids).finish(), std::move(names).finish(), std::move(payloads).finish()});
        send("streams", {numbers, std::move(streams).finish()});
        send("head", {number(position_)});
        finish(3, [](PGresult*) {});
    }

    template <class Visit> void read(Visit visit) {
        std::int64_t after = 0;
        for (std::size_t seen = page_of_a_read; seen == page_of_a_read;) {
            seen = 0;
            send("page", {number(after), number(static_cast<std::int64_t>(page_of_a_read))});
            finish(1, [&](PGresult* result) {
                for (int row = 0; row < PQntuples(result); ++row, ++seen) {
                    for (int column = 0; column < 8; ++column)
                        benchmark::DoNotOptimize(PQgetvalue(result, row, column));
                    visit(value(result, row, 6));
                }
                if (seen > 0)
                    after = integer(value(result, static_cast<int>(seen) - 1, 0));
            });
        }
    }

    std::string last_of_stream(std::string const& name) {
        std::string found;
        send("last", {name});
        finish(1, [&](PGresult* result) {
            if (PQntuples(result) == 1)
                found = value(result, 0, 6);
        });
        return found;
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

    std::unique_ptr<PGconn, close_connection> connection_;
    std::int64_t position_ = 0;
};
