// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <postgres_by_hand.hpp>
#include <store/workload.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The floor on PostgreSQL: the same rows in the same tables with the same indexes,
/// the same durability, one round trip. Three prepared statements in a pipeline, one transaction: all events
/// by one INSERT from arrays, all streams by another, the head of the module. It is the only writer and
/// counts by itself, so it looks up neither stream, version nor head, holds no lock before the end, wakes
/// nobody, and when an id were there already it would fail.
class postgres_floor : postgres_by_hand {
public:
    postgres_floor(std::string const& uri, std::string const& schema) : postgres_by_hand{uri, schema} {
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
        prepare(
            "events_of_one",
            "INSERT INTO event SELECT 1, g.position, $5::bigint, g.position - $5::bigint + 1, "
            "false, clock_timestamp(), g.id, g.name, g.payload "
            "FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::bytea[]) "
            "g(position, id, name, payload)");
        prepare(
            "stream",
            "INSERT INTO stream(id, module, name, version, last, last_public) "
            "VALUES ($1::bigint, 1, $2::text, $3::bigint - $1::bigint + 1, $3::bigint, $3::bigint)");
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
        begin_pipeline();
    }

    void append(rows const& batch) {
        converge::detail::postgres_array streams{converge::detail::postgres_type::text};
        for (auto const& each : batch.streams())
            streams.add(std::string_view{each});
        auto const columns = columns_of(batch);
        send("events", columns);
        send("streams", {columns.front(), std::move(streams).finish()});
        send("head", {number(position_)});
        finish(3, [](PGresult*) {});
    }

    void append_to_one_stream(rows const& batch) {
        auto const id = number(position_ + 1);
        auto columns = columns_of(batch);
        columns.push_back(id);
        send("events_of_one", columns);
        send("stream", {id, batch.streams().front(), number(position_)});
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
    /// The events' positions, ids, names and payloads.
    std::vector<std::string> columns_of(rows const& batch) {
        using converge::detail::postgres_array;
        using converge::detail::postgres_type;
        postgres_array positions{postgres_type::bigint};
        postgres_array ids{postgres_type::uuid};
        postgres_array names{postgres_type::text};
        postgres_array payloads{postgres_type::bytes};
        for (auto const& each : batch.events()) {
            positions.add(++position_);
            ids.add(each.id);
            names.add(std::string_view{each.name});
            payloads.add(std::string_view{each.payload});
        }
        return {
            std::move(positions).finish(), std::move(ids).finish(), std::move(names).finish(),
            std::move(payloads).finish()};
    }

    std::int64_t position_ = 0;
};
