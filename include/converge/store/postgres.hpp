// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/postgres/migration.hpp>
#include <converge/store/postgres/options.hpp>
#include <converge/store/postgres/prefetch.hpp>
#include <converge/store/postgres/reader.hpp>
#include <converge/store/postgres/records.hpp>
#include <converge/store/postgres/roles.hpp>
#include <converge/store/postgres/runner_lock.hpp>
#include <converge/store/postgres/session.hpp>
#include <converge/store/postgres/waiter.hpp>
#include <converge/store/postgres/writer.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

/// A store in a PostgreSQL database (15 or later), for many machines.
///
/// One object is one connection, and a second one where `prefetch` is called, as runners do; it is used by
/// one thread at a time, and another thread opens another. A connection that is lost is made anew within
/// `reconnect_within`, and the call is made again; its ids see to it that nothing is written twice. An append
/// that got through just before the connection broke then comes back as `repeated`. A `fork` must not carry
/// an open store into the child.
///
/// Calls throw `store_error` that names the database and the host, what was being done, and what the server
/// said, with its SQLSTATE. Passwords are in no message.
class postgres_store {
public:
    /// What one append or batch may hold, in bytes of payload: it is one message to the server.
    static constexpr std::size_t maximum_batch = std::size_t{512} << 20U;

    /// Opens the database that `connection` describes: a URI or `keyword=value` words, as libpq takes them
    /// ("service=fines", "postgresql://host/fines?sslmode=verify-full"); what it does not say comes from
    /// libpq's environment (PGHOST, PGSERVICE, PGPASSFILE, PGSSLROOTCERT, ...). The schema is made where
    /// there is none.
    ///
    /// Throws `store_error`: `unavailable`, `not_a_store`, `newer_schema`, `denied`; `invalid_argument` for a
    /// schema name that is not allowed.
    explicit postgres_store(std::string connection, postgres_options options = {})
        : session_{std::make_unique<detail::postgres_session>(std::move(connection), std::move(options))},
          reader_{*session_}, writer_{*session_}, records_{*session_}, waiter_{*session_},
          prefetch_{*session_} {
        try {
            session_->connect(
                [&](detail::postgres_connection& made) { detail::postgres_migrator{made, *session_}.run(); });
        } catch (detail::postgres_failure const& failure) {
            throw store_error{failure.trouble(), failure.what()};
        }
    }

    /// One call of the server, whatever the number of events. Complexity: for each event three index
    /// insertions, for a stream that is to be new two more, for any other stream a search and an update.
    append_result append(append_request const& request) {
        auto const done = commit({{&request, 1}, {}});
        if (!done)
            return done.error();
        return done->front();
    }

    /// One call of the server, one transaction, one wait for its disk. Throws `invalid_argument` also when
    /// the payloads are more than `maximum_batch` in all. Writers of one module take turns, those of large
    /// batches for the end alone; those of different modules do not wait for each other.
    batch_result commit(batch const& together) {
        require_valid(together);
        require_one_message(together);
        return session_->attempt(
            [&](detail::postgres_connection& connection) { return writer_.commit(connection, together); });
    }

    /// Complexity: logarithmic to the first event, then linear in the number of events passed, whether the
    /// viewer sees them or not. Events are visited as they arrive, so a page of large ones needs no memory
    /// for all of them. When the connection is lost in between, it goes on behind the last event visited.
    /// Throws `denied` when the viewer is the module itself and the connected user may not see what is
    /// internal to it.
    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        std::size_t seen = 0;
        auto const note = [&](event_view const& event) {
            visit(event);
            prefetch_.count(event);
            after = event.position;
            ++seen;
        };
        prefetch_.take(reader_, first_page(module, after, limit, viewer), note);
        if (seen == limit)
            return after;
        return reader_.read(*session_, module, after, limit - seen, viewer == module, note);
    }

    /// See `prefetching_log`. It has a connection of its own, which is made when it is first called. Of no
    /// effect where the last events read were larger than a mebibyte together, and for ten seconds after a
    /// connection could not be made.
    void prefetch(
        std::string_view module, position after, std::size_t limit, std::string_view viewer) const noexcept {
        prefetch_.begin(reader_, first_page(module, after, limit, viewer));
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        reader_.read_stream(*session_, module, stream, after, limit, viewer == module, visit);
    }

    /// Complexity: logarithmic.
    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
        return reader_.last_of_stream(*session_, module, stream, viewer == module);
    }

    /// See `batch_lookup_log`. One call of the server, however many streams. Complexity: logarithmic for
    /// each.
    std::vector<std::optional<recorded_event>> last_of_streams(
        std::string_view module, std::span<std::string_view const> streams, std::string_view viewer) const {
        return reader_.last_of_streams(*session_, module, streams, viewer == module);
    }

    position head(std::string_view module) const { return reader_.head(*session_, module); }

    position load_cursor(std::string_view reader, std::string_view module) const {
        return reader_.load_cursor(*session_, reader, module);
    }

    void save_cursors(std::span<cursor const> cursors, std::span<fence const> fences = {}) {
        if (!cursors.empty() || !fences.empty())
            (void)commit({{}, cursors, fences});
    }

    /// One call of the server each. Complexity: logarithmic in the number of records, and linear in what is
    /// found. A role finds the records of its own; see `give_module`.
    std::optional<record> find_record(std::string_view name) const {
        detail::require_record(name);
        return records_.find(*session_, name);
    }

    /// As above; all of one moment.
    std::vector<record> find_records(std::string_view prefix) const {
        detail::require_record_prefix(prefix);
        return records_.find_all(*session_, prefix);
    }

    /// One call, one transaction, one wait for the disk of the server. All writers of records take turns. A
    /// batch that is fenced by the record is waited for. When the connection is lost it tries again, and
    /// recognises what it wrote itself; where somebody has changed the record since, it throws `unavailable`.
    std::optional<record_revision>
    write_record(std::string_view name, record_revision expected, std::string_view value) {
        detail::require_record(name, value);
        return records_.write(*session_, name, expected, value);
    }

    /// As above, but what it removed itself it does not recognise.
    bool remove_record(std::string_view name, record_revision expected) {
        detail::require_record(name);
        return records_.remove(*session_, name, expected);
    }

    /// See `awaitable_log`. The server says when something was appended, so nothing is asked of it in between
    /// but one look each `poll_interval`.
    bool wait_for_events(
        std::span<cursor const> seen, std::chrono::milliseconds timeout,
        std::stop_token const& stop = {}) const {
        for (auto const& each : seen)
            detail::require_module(each.module);
        prefetch_.drop();
        return waiter_.wait(*session_, seen, timeout, stop);
    }

    /// The right to run a process manager on this schema, among all who use the server. It has a connection
    /// of its own, and ends with the object, which may outlive the store, or with the connection. Throws
    /// `store_error`: `in_use`, which names the holder; `unavailable`, `invalid_argument`.
    detail::postgres_runner_lock lock_runner(std::string_view process) const {
        detail::require_process(process);
        return {*session_, process};
    }

    /// Gives a module to a role of the server, which is made, without login, where there is none. From then
    /// on users with this role may open the store, read all of this module and append to it; of other modules
    /// the server shows them public events alone, also when they ask its tables without converge. Only for
    /// the owner of the tables, who needs CREATEROLE to make a role. A module has one role, a role may have
    /// several modules.
    void give_module(std::string_view module, std::string_view role) {
        detail::postgres_roles{*session_}.give(module, role);
    }

    /// Lets a role read the public events of all modules, and keep cursors of its own.
    void admit_reader(std::string_view role) { detail::postgres_roles{*session_}.admit(role); }

private:
    detail::postgres_page
    first_page(std::string_view module, position after, std::size_t limit, std::string_view viewer) const {
        return {module, after, std::min(limit, session_->options().page_size), viewer == module};
    }

    static void require_one_message(batch const& together) {
        std::size_t size = 0;
        for (auto const& request : together.appends)
            for (auto const& event : request.events)
                size += event.payload.size();
        if (size > maximum_batch)
            detail::refuse_argument(
                "the payloads of one append or batch have " + std::to_string(size) + " bytes, at most " +
                std::to_string(maximum_batch) + " are allowed on PostgreSQL");
    }

    std::unique_ptr<detail::postgres_session> session_;
    detail::postgres_reader reader_;
    detail::postgres_writer writer_;
    detail::postgres_records records_;
    mutable detail::postgres_waiter waiter_; // knows on which connection it listens
    mutable detail::postgres_prefetch prefetch_;
};

} // namespace converge
