// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/postgres/session.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// What a read asks of the server at once.
struct postgres_page {
    std::string_view module;
    position after = 0;
    std::size_t limit = 0;
    bool as_module = false;

    bool operator==(postgres_page const&) const = default;
};

/// Sees to it that in the end, also by an exception, nothing is left in the pipeline: an open read would hold
/// a snapshot on the server.
class postgres_leftovers {
public:
    explicit postgres_leftovers(postgres_connection& connection) noexcept : connection_{&connection} {}
    postgres_leftovers(postgres_leftovers const&) = delete;
    postgres_leftovers& operator=(postgres_leftovers const&) = delete;
    ~postgres_leftovers() { connection_->drop_leftovers(); }

private:
    postgres_connection* connection_;
};

/// The reading half of a PostgreSQL store. What a viewer may not see is left out by the server; what the
/// connected role may not see, whoever it says it is, by the server's row-level security.
class postgres_reader {
public:
    explicit postgres_reader(postgres_session const& session)
        : head_{
              "head", "read the head of a module",
              session.in_schema(
                  "SELECT head, $2 AND NOT {schema}.acts_for(current_user, role) "
                  "FROM {schema}.module WHERE name = $1")},
          // LEFT JOIN: an event without its stream must be an error and not be skipped.
          read_{
              "read", "read a module",
              session.in_schema(
                  "SELECT e.position, e.version, e.internal, e.recorded_at, e.id, e.name, e.payload, s.name "
                  "FROM {schema}.event e LEFT JOIN {schema}.stream s ON s.id = e.stream "
                  "WHERE e.module = (SELECT id FROM {schema}.module WHERE name = $1) AND e.position > $2 "
                  "AND (NOT e.internal OR $3) ORDER BY e.position LIMIT $4")},
          read_stream_{
              "read_stream", "read a stream",
              session.in_schema(
                  "SELECT position, version, internal, recorded_at, id, name, payload FROM {schema}.event "
                  "WHERE stream = (SELECT id FROM {schema}.stream WHERE name = $2 "
                  "AND module = (SELECT id FROM {schema}.module WHERE name = $1)) "
                  "AND version > $3 AND (NOT internal OR $4) ORDER BY version LIMIT $5")},
          last_of_stream_{
              "last_of_stream", "read the last event of a stream",
              session.in_schema(
                  "SELECT e.position, e.version, e.internal, e.recorded_at, e.id, e.name, e.payload, f.found "
                  "FROM "
                  "(SELECT module, CASE WHEN $3 THEN last ELSE last_public END AS found FROM {schema}.stream "
                  "WHERE name = $2 AND module = (SELECT id FROM {schema}.module WHERE name = $1)) f "
                  "LEFT JOIN {schema}.event e ON e.module = f.module AND e.position = f.found")},
          // One that is not there has no row.
          last_of_streams_{
              "last_of_streams", "read the last events of streams",
              session.in_schema(
                  "SELECT e.position, e.version, e.internal, e.recorded_at, e.id, e.name, e.payload, f.found, "
                  "n.number FROM unnest($2::text[]) WITH ORDINALITY n(name, number) CROSS JOIN LATERAL "
                  "(SELECT s.module, CASE WHEN $3 THEN s.last ELSE s.last_public END AS found "
                  "FROM {schema}.stream s WHERE s.name = n.name "
                  "AND s.module = (SELECT id FROM {schema}.module WHERE name = $1)) f "
                  "LEFT JOIN {schema}.event e ON e.module = f.module AND e.position = f.found "
                  "WHERE f.found > 0")},
          load_cursor_{
              "load_cursor", "load a cursor",
              session.in_schema("SELECT position FROM {schema}.cursor WHERE reader = $1 AND module = $2")} {}

    void send_page(postgres_connection& connection, postgres_page const& page) const {
        send_head(connection, page.module, page.as_module);
        postgres_parameters all;
        all.add(page.module);
        all.add(postgres_bigint(page.after));
        all.add(page.as_module);
        all.add(static_cast<std::int64_t>(page.limit));
        connection.send(read_, all, true);
        connection.sync();
    }
    /// Visits its events, and gives the head of the module as it was before them.
    template <class Visitor>
    position receive_page(postgres_connection& connection, std::string_view module, Visitor visit) const {
        auto const head = receive_head(connection, module);
        connection.receive([&](postgres_row const& row) {
            if (row.is_null(7))
                contradict(connection, row, "belongs to no stream");
            visit(view_of(connection, row, row.bytes(7)));
        });
        return head;
    }

    /// Pages, and in each two statements, in one round trip. Each statement has its snapshot, and what is
    /// visible in it has all positions below: so nothing can appear at or below the head of the older one,
    /// nor below an event of the newer.
    template <class Visitor>
    position read(
        postgres_session& session, std::string_view module, position after, std::size_t limit, bool as_module,
        Visitor& visit) const {
        while (limit > 0) {
            auto const wanted = std::min(limit, session.options().page_size);
            std::size_t seen = 0;
            position head = 0;
            auto const from = after;
            attempt(session, [&](postgres_connection& connection) {
                send_page(connection, {module, after, wanted - seen, as_module});
                head = receive_page(connection, module, [&](event_view const& event) {
                    visit(event);
                    after = event.position;
                    ++seen;
                });
            });
            limit -= seen;
            if (seen < wanted)
                return std::max({after, head, from});
        }
        return after;
    }

    template <class Visitor>
    void read_stream(
        postgres_session& session, std::string_view module, std::string_view stream, stream_version after,
        std::size_t limit, bool as_module, Visitor& visit) const {
        while (limit > 0) {
            auto const wanted = std::min(limit, session.options().page_size);
            std::size_t seen = 0;
            attempt(session, [&](postgres_connection& connection) {
                send_head(connection, module, as_module);
                postgres_parameters all;
                all.add(module);
                all.add(stream);
                all.add(postgres_bigint(after));
                all.add(as_module);
                all.add(static_cast<std::int64_t>(wanted - seen));
                connection.send(read_stream_, all, true);
                connection.sync();
                receive_head(connection, module);
                connection.receive([&](postgres_row const& row) {
                    visit(view_of(connection, row, stream));
                    after = static_cast<stream_version>(row.integer(1));
                    ++seen;
                });
            });
            limit -= seen;
            if (seen < wanted)
                return;
        }
    }

    std::optional<recorded_event> last_of_stream(
        postgres_session& session, std::string_view module, std::string_view stream, bool as_module) const {
        return attempt(session, [&](postgres_connection& connection) {
            send_head(connection, module, as_module);
            postgres_parameters all;
            all.add(module);
            all.add(stream);
            all.add(as_module);
            connection.send(last_of_stream_, all);
            connection.sync();
            receive_head(connection, module);
            std::optional<recorded_event> last;
            connection.receive([&](postgres_row const& row) {
                if (row.integer(7) != 0)
                    last.emplace(last_event_of(connection, row, stream));
            });
            return last;
        });
    }

    std::vector<std::optional<recorded_event>> last_of_streams(
        postgres_session& session, std::string_view module, std::span<std::string_view const> streams,
        bool as_module) const {
        return attempt(session, [&](postgres_connection& connection) {
            postgres_array names{postgres_type::text};
            for (auto const& each : streams)
                names.add(each);
            send_head(connection, module, as_module);
            postgres_parameters all;
            all.add(module);
            all.add(std::move(names));
            all.add(as_module);
            connection.send(last_of_streams_, all);
            connection.sync();
            receive_head(connection, module);
            std::vector<std::optional<recorded_event>> last(streams.size());
            connection.receive([&](postgres_row const& row) {
                auto const place = static_cast<std::size_t>(row.integer(8)) - 1;
                last.at(place).emplace(last_event_of(connection, row, streams[place]));
            });
            return last;
        });
    }

    position head(postgres_session& session, std::string_view module) const {
        return attempt(session, [&](postgres_connection& connection) {
            send_head(connection, module, false);
            connection.sync();
            return receive_head(connection, module);
        });
    }

    position load_cursor(postgres_session& session, std::string_view reader, std::string_view module) const {
        return attempt(session, [&](postgres_connection& connection) {
            postgres_parameters all;
            all.add(reader);
            all.add(module);
            connection.send(load_cursor_, all);
            connection.sync();
            position found = 0;
            connection.receive(
                [&](postgres_row const& row) { found = static_cast<position>(row.integer(0)); });
            return found;
        });
    }

private:
    /// As the session's, and nothing is left in the pipeline.
    template <class Work>
    static auto attempt(postgres_session& session, Work work)
        -> decltype(work(std::declval<postgres_connection&>())) {
        return session.attempt([&](postgres_connection& connection) {
            postgres_leftovers const none{connection};
            return work(connection);
        });
    }

    void send_head(postgres_connection& connection, std::string_view module, bool as_module) const {
        postgres_parameters all;
        all.add(module);
        all.add(as_module);
        connection.send(head_, all);
    }

    /// Throws `denied` where the connected role would be shown less than it asks for.
    static position receive_head(postgres_connection& connection, std::string_view module) {
        position head = 0;
        connection.receive([&](postgres_row const& row) {
            head = static_cast<position>(row.integer(0));
            if (row.boolean(1))
                connection.refuse(
                    store_trouble::denied, std::string{"user '"} + PQuser(connection.get()) +
                                               "' may not see what is internal to module " + shown(module));
        });
        return head;
    }

    static event_view
    view_of(postgres_connection const& connection, postgres_row const& row, std::string_view stream) {
        using namespace std::chrono;
        constexpr sys_days epoch_of_the_server{year{2000} / 1 / 1};
        event_view view{};
        view.position = static_cast<position>(row.integer(0));
        view.stream = stream;
        view.version = static_cast<stream_version>(row.integer(1));
        view.internal = row.boolean(2);
        view.recorded_at = epoch_of_the_server + microseconds{row.integer(3)};
        auto const id = row.bytes(4);
        if (id.size() != view.id.size())
            contradict(connection, row, "has an id of " + std::to_string(id.size()) + " bytes");
        std::memcpy(view.id.data, id.data(), id.size());
        view.name = row.bytes(5);
        view.payload = row.bytes(6);
        return view;
    }

    /// Of a row in which the position follows the columns of the event, for the event may be missing.
    static event_view
    last_event_of(postgres_connection const& connection, postgres_row const& row, std::string_view stream) {
        if (row.is_null(0))
            connection.refuse(
                store_trouble::corrupt, "the event at position " + std::to_string(row.integer(7)) +
                                            " is the last of its stream, but is missing");
        return view_of(connection, row, stream);
    }

    [[noreturn]] static void
    contradict(postgres_connection const& connection, postgres_row const& row, std::string const& why) {
        connection.refuse(
            store_trouble::corrupt, "the event at position " + std::to_string(row.integer(0)) + " " + why);
    }

    postgres_statement head_;
    postgres_statement read_;
    postgres_statement read_stream_;
    postgres_statement last_of_stream_;
    postgres_statement last_of_streams_;
    postgres_statement load_cursor_;
};

} // namespace converge::detail
