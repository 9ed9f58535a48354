// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/store/postgres/parameters.hpp>
#include <converge/store/postgres/session.hpp>
#include <converge/store/record.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// Checks fences in the transaction of what is sent behind them.
class postgres_fences {
public:
    explicit postgres_fences(postgres_session const& session)
        : require_{
              "require_records", "write under a fence",
              session.in_schema("SELECT {schema}.require_records($1, $2)")} {}

    /// In one order, so that those who want several do not wait for each other.
    void send(postgres_connection& connection, std::span<fence const> fences) const {
        if (fences.empty())
            return;
        std::vector<fence> sorted(fences.begin(), fences.end());
        std::ranges::sort(sorted, {}, &fence::record);
        postgres_array names{postgres_type::text};
        postgres_array revisions{postgres_type::bigint};
        for (auto const& each : sorted) {
            names.add(each.record);
            revisions.add(postgres_bigint(each.revision));
        }
        postgres_parameters all;
        all.add(std::move(names));
        all.add(std::move(revisions));
        connection.send(require_, all);
    }

    /// Throws `postgres_failure` (`lease_lost`).
    static void receive(postgres_connection& connection, std::span<fence const> fences) {
        if (!fences.empty())
            connection.receive();
    }

private:
    postgres_statement require_;
};

/// The records of a PostgreSQL store. What it is given has been validated.
class postgres_records {
public:
    explicit postgres_records(postgres_session const& session)
        : find_{"find_record", "find a record", session.in_schema("SELECT name, revision, value FROM {schema}.record WHERE name = $1")},
          // The upper bound keeps the index from being read to its end: no name with the prefix is greater.
          find_all_{
              "find_records", "find records",
              session.in_schema(
                  "SELECT name, revision, value FROM {schema}.record WHERE name >= $1 "
                  "AND name <= $1 || repeat(chr(1114111), 256) AND starts_with(name, $1) ORDER BY name")},
          write_{
              "write_record", "write a record",
              session.in_schema("SELECT {schema}.write_record($1, $2, $3, $4)")},
          remove_{
              "remove_record", "remove a record",
              session.in_schema("SELECT {schema}.remove_record($1, $2)")} {}

    std::optional<record> find(postgres_session& session, std::string_view name) const {
        auto found = ask(session, find_, name);
        if (found.empty())
            return std::nullopt;
        return std::move(found.front());
    }

    /// In one snapshot.
    std::vector<record> find_all(postgres_session& session, std::string_view prefix) const {
        return ask(session, find_all_, prefix);
    }

    std::optional<record_revision> write(
        postgres_session& session, std::string_view name, record_revision expected,
        std::string_view value) const {
        postgres_parameters all;
        all.add(name);
        all.add(postgres_bigint(expected));
        all.add(value);
        auto const number = random_event_id(); // of this call
        all.add(std::string_view{std::string(number.begin(), number.end())});
        std::optional<record_revision> written;
        call(
            session, write_, all,
            [&](postgres_row const& row) {
                if (!row.is_null(0))
                    written = static_cast<record_revision>(row.integer(0));
                return written.has_value();
            },
            name);
        return written;
    }

    bool remove(postgres_session& session, std::string_view name, record_revision expected) const {
        postgres_parameters all;
        all.add(name);
        all.add(postgres_bigint(expected));
        bool removed = false;
        call(session, remove_, all, [&](postgres_row const& row) { return removed = row.boolean(0); }, name);
        return removed;
    }

private:
    static std::vector<record>
    ask(postgres_session& session, postgres_statement const& statement, std::string_view name) {
        postgres_parameters all;
        all.add(name);
        return session.attempt([&](postgres_connection& connection) {
            connection.send(statement, all);
            connection.sync();
            std::vector<record> found;
            connection.receive([&](postgres_row const& row) {
                found.push_back(
                    {std::string{row.bytes(0)}, static_cast<record_revision>(row.integer(1)),
                     std::string{row.bytes(2)}});
            });
            connection.receive_sync();
            return found;
        });
    }

    /// Calls a function that writes, and `take` with what it gives, which is true when it has written. When
    /// a try was cut off and a further one has not written, the first may have, and somebody else has come
    /// after it: nobody knows, and it says so.
    template <class Take>
    static void call(
        postgres_session& session, postgres_statement const& statement, postgres_parameters const& all,
        Take take, std::string_view name) {
        bool cut_off = false;
        session.attempt([&](postgres_connection& connection) {
            bool written = false;
            try {
                connection.send(statement, all);
                connection.sync();
                connection.receive([&](postgres_row const& row) { written = take(row); });
                connection.receive_sync(); // written is what is committed
            } catch (postgres_failure const& failure) {
                cut_off = cut_off || failure.ends_connection();
                throw;
            }
            if (cut_off && !written)
                connection.refuse(
                    store_trouble::unavailable,
                    "cannot " + statement.what + ": the connection was lost, and record " + shown(name) +
                        " has been changed; by this call or by another, nobody knows");
        });
    }

    postgres_statement find_;
    postgres_statement find_all_;
    postgres_statement write_;
    postgres_statement remove_;
};

} // namespace converge::detail
