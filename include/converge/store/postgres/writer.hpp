// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/postgres/batch_plan.hpp>
#include <converge/store/postgres/records.hpp>
#include <converge/store/postgres/schema_append_one.hpp>
#include <converge/store/postgres/session.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// The writing half of a PostgreSQL store: a whole batch is one call of a function of the server, and so is a
/// single event, of a faster one. What it is given has been validated.
class postgres_writer {
public:
    explicit postgres_writer(postgres_session const& session)
        : append_{
              "append", "append events",
              session.in_schema(
                  "SELECT * FROM {schema}.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
                  "$16, $17, $18)")},
          append_beside_{
              "append_beside", "append events",
              session.in_schema(
                  "SELECT * FROM {schema}.append_beside($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
                  "$14, $15, $16, $17, $18)")},
          append_one_{
              "append_one", "append events",
              session.in_schema("SELECT * FROM {schema}.append_one($1, $2, $3, $4, $5, $6, $7)")},
          find_{
              "find", "look for events",
              session.in_schema(
                  "SELECT g.n, e.position, e.version FROM unnest($2::integer[], $3::uuid[]) "
                  "WITH ORDINALITY g(module, id, n) JOIN {schema}.module m ON m.name = ($1::text[])[g.module] "
                  "JOIN {schema}.event e ON e.module = m.id AND e.id = g.id")},
          awaited_{
              "awaited", "append events",
              session.in_schema(
                  std::string{"SELECT NOT bool_and(pg_try_advisory_xact_lock("} + postgres_waiting_key +
                  ")) FROM unnest($1::text[]) name")},
          notify_{"notify", "notify readers", "SELECT pg_notify($1, name) FROM unnest($2::text[]) name"},
          fences_{session}, channel_{session.channel()}, notifies_{session.options().notify} {}

    /// The batch's fences, events and cursors in one transaction, or within that which is open on the
    /// connection. It may be called again when it has thrown a transient failure.
    batch_result commit(postgres_connection& connection, batch const& together) {
        postgres_event_map<postgres_event_place> stored;
        for (bool complete = false;;) {
            postgres_batch_plan const plan{together.appends, stored};
            // An id twice in the batch may contradict itself, or be of a request that turns out to be a
            // repeat.
            if (plan.contradicts() && complete)
                refuse_repeat(*plan.contradicts()->request, *plan.contradicts()->event);
            if (!plan.contradicts()) {
                if (plan.events().empty() && together.cursors.empty() &&
                    (together.fences.empty() || complete)) // then they have been checked
                    return plan.results({}, {});
                auto const said = write(connection, plan, together);
                if (said.outcome == 1) {
                    if (auto const refused = plan.refused(said.versions))
                        return *refused;
                    connection.refuse(
                        store_trouble::corrupt, "an append was refused, though all versions are as expected");
                }
                if (said.outcome == 0) {
                    if (notifies_ && said.is_awaited && !plan.events().empty())
                        notify(connection, plan);
                    return plan.results(said.heads, said.versions);
                }
            }
            stored = find(connection, together);
            complete = true;
        }
    }

private:
    struct answer {
        std::int64_t outcome = 0;
        std::vector<std::int64_t> heads;
        std::vector<std::int64_t> versions;
        bool is_awaited = true; ///< unless it is known that nobody waits
    };

    static bool is_single(postgres_batch_plan const& plan, batch const& together) {
        return plan.events().size() == 1 && plan.modules().size() == 1 && together.cursors.empty();
    }

    /// Tries to write beside others where that may help. After it did not, the next batches do without.
    answer write(postgres_connection& connection, postgres_batch_plan const& plan, batch const& together) {
        if (is_single(plan, together))
            return call_one(connection, plan, together);
        if (goes_beside_others(plan)) {
            if (alone_ == 0) {
                auto const said = call(append_beside_, connection, plan, together);
                if (said.outcome != 3)
                    return said;
                alone_ = alone_after_a_meeting;
            } else
                --alone_;
        }
        return call(append_, connection, plan, together);
    }

    /// A batch that is large enough to be worth it, and supposes nothing that has to be looked up.
    static bool goes_beside_others(postgres_batch_plan const& plan) {
        return plan.modules().size() == 1 && plan.events().size() >= least_beside_others &&
               std::ranges::none_of(plan.streams(), [](auto const& each) { return each.expected < 0; });
    }

    answer
    call_one(postgres_connection& connection, postgres_batch_plan const& plan, batch const& together) const {
        auto const& stream = plan.streams().front();
        auto const& event = *plan.events().front().event;
        postgres_parameters all;
        all.add(plan.modules().front().name);
        all.add(stream.name);
        all.add(stream.expected);
        all.add(event.id);
        all.add(std::string_view{event.name});
        all.add(event.internal);
        all.add(std::string_view{event.payload});
        fences_.send(connection, together.fences);
        connection.send(append_one_, all);
        connection.sync();
        answer said;
        postgres_fences::receive(connection, together.fences);
        connection.receive([&](postgres_row const& row) {
            said = {row.integer(0), {row.integer(1)}, {row.integer(2)}, row.boolean(3)};
        });
        connection.receive_sync(); // written is what is committed
        return said;
    }

    answer call(
        postgres_statement const& append, postgres_connection& connection, postgres_batch_plan const& plan,
        batch const& together) const {
        fences_.send(connection, together.fences);
        connection.send(append, parameters(plan, together.cursors));
        auto const asks = notifies_ && !plan.events().empty();
        if (asks)
            connection.send(awaited_, names_of_changed(plan)); // see `postgres_append_one`
        connection.sync();
        answer said;
        postgres_fences::receive(connection, together.fences);
        connection.receive([&](postgres_row const& row) {
            said = {row.integer(0), row.integers(1), row.integers(2), true};
        });
        if (asks)
            connection.receive([&](postgres_row const& row) { said.is_awaited = row.boolean(0); });
        connection.receive_sync(); // written is what is committed
        return said;
    }

    static postgres_parameters parameters(postgres_batch_plan const& plan, std::span<cursor const> cursors) {
        postgres_parameters all;
        auto const column = [&](postgres_type of, auto const& rows, auto value) {
            postgres_array array{of};
            for (auto const& row : rows)
                array.add(value(row));
            all.add(std::move(array));
        };
        // Empty where each row has the usual value, which the server knows.
        auto const unusual = [&](postgres_type of, auto const& rows, auto value, auto usual) {
            std::size_t same = 0;
            while (same < rows.size() && value(rows[same]) == usual(same))
                ++same;
            if (same == rows.size())
                all.add(postgres_array{of});
            else
                column(of, rows, value);
        };
        using enum postgres_type;
        auto const number = [](std::size_t index) { return static_cast<std::int32_t>(index + 1); };
        auto const one = [](std::size_t) { return 1; };
        auto const& modules = plan.modules();
        auto const& streams = plan.streams();
        auto const& events = plan.events();
        column(text, modules, [](auto const& row) { return row.name; });
        column(integer, modules, [](auto const& row) { return row.events; });
        unusual(integer, streams, [&](auto const& row) { return number(row.module); }, one);
        column(text, streams, [](auto const& row) { return row.name; });
        unusual(
            bigint, streams, [](auto const& row) { return row.expected; },
            [](std::size_t) { return std::int64_t{0}; });
        unusual(integer, streams, [](auto const& row) { return row.events; }, one);
        unusual(integer, streams, [](auto const& row) { return row.last; }, number);
        unusual(
            integer, streams, [](auto const& row) { return row.last_public; },
            [&](std::size_t index) { return streams[index].last; });
        unusual(integer, events, [&](auto const& row) { return number(row.stream); }, number);
        unusual(integer, events, [](auto const& row) { return row.position; }, number);
        unusual(integer, events, [](auto const& row) { return row.version; }, one);
        column(uuid, events, [](auto const& row) { return row.event->id; });
        column(text, events, [](auto const& row) { return std::string_view{row.event->name}; });
        unusual(
            boolean, events, [](auto const& row) { return row.event->internal; },
            [](std::size_t) { return false; });
        column(bytes, events, [](auto const& row) { return std::string_view{row.event->payload}; });
        auto const moved = sorted(cursors);
        column(text, moved, [](cursor const& row) { return row.reader; });
        column(text, moved, [](cursor const& row) { return row.module; });
        column(bigint, moved, [](cursor const& row) { return postgres_bigint(row.position); });
        return all;
    }

    /// Of several for one reader and module the last; in one order, so that writers do not wait for each
    /// other.
    static std::vector<cursor> sorted(std::span<cursor const> cursors) {
        std::map<std::pair<std::string_view, std::string_view>, position> last;
        for (auto const& each : cursors)
            last.insert_or_assign({each.reader, each.module}, each.position);
        std::vector<cursor> moved;
        moved.reserve(last.size());
        for (auto const& [name, at] : last)
            moved.push_back({name.first, name.second, at});
        return moved;
    }

    /// Which of the batch's ids are stored, and where.
    postgres_event_map<postgres_event_place>
    find(postgres_connection& connection, batch const& together) const {
        auto const requests = together.appends;
        auto const modules = postgres_batch_plan::modules_of(requests);
        postgres_array names{postgres_type::text};
        for (auto const name : modules)
            names.add(name);
        postgres_array numbers{postgres_type::integer};
        postgres_array ids{postgres_type::uuid};
        std::vector<postgres_event_key> keys;
        for (auto const& request : requests) {
            auto const module =
                static_cast<std::size_t>(std::ranges::lower_bound(modules, request.module) - modules.begin());
            for (auto const& event : request.events) {
                numbers.add(static_cast<std::int32_t>(module + 1));
                ids.add(event.id);
                keys.emplace_back(module, event.id);
            }
        }
        postgres_parameters all;
        all.add(std::move(names));
        all.add(std::move(numbers));
        all.add(std::move(ids));
        fences_.send(connection, together.fences); // they come before ids
        connection.send(find_, all);
        connection.sync();
        postgres_fences::receive(connection, together.fences);
        postgres_event_map<postgres_event_place> stored;
        connection.receive([&](postgres_row const& row) {
            stored[keys[static_cast<std::size_t>(row.integer(0) - 1)]] = {
                true, row.integer(1), row.integer(2), 0, 0};
        });
        connection.receive_sync();
        return stored;
    }

    static postgres_array changed_modules(postgres_batch_plan const& plan) {
        postgres_array names{postgres_type::text};
        for (auto const& module : plan.modules())
            if (module.events > 0)
                names.add(module.name);
        return names;
    }
    static postgres_parameters names_of_changed(postgres_batch_plan const& plan) {
        postgres_parameters all;
        all.add(changed_modules(plan));
        return all;
    }

    /// Wakes readers, and does not wait for it. In a transaction of its own: one that notifies holds a lock
    /// of the whole server while it commits, and so would make all writers wait for each other's disk.
    void notify(postgres_connection& connection, postgres_batch_plan const& plan) const {
        postgres_parameters all;
        all.add(channel_);
        all.add(changed_modules(plan));
        try {
            connection.send(notify_, all);
            connection.sync();
        } catch (postgres_failure const&) {
            // ignored: the events are written; who waits finds them on the next look
        }
    }

    static constexpr std::size_t least_beside_others = 32;
    static constexpr std::size_t alone_after_a_meeting = 16;

    postgres_statement append_;
    postgres_statement append_beside_;
    postgres_statement append_one_;
    postgres_statement find_;
    postgres_statement awaited_;
    postgres_statement notify_;
    postgres_fences fences_;
    std::string channel_;
    bool notifies_;
    std::size_t alone_ = 0; ///< so many batches are not tried beside others
};

} // namespace converge::detail
