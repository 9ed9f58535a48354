// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <postgres_by_hand.hpp>
#include <store/workload.hpp>
#include <string>
#include <string_view>
#include <utility>

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
    std::int64_t position_ = 0;
};
