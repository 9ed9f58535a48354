// SPDX-License-Identifier: MIT
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <boost/uuid/uuid_hash.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <postgres_by_hand.hpp>
#include <run/written_batches.hpp>
#include <sqlite_by_hand.hpp>
#include <string>
#include <string_view>
#include <utility>

// The floors write the batches that a runner has written, the same rows by hand, and nothing else: they read
// no event, decode none, and know beforehand what the step of each is. They are the only writers, so they
// look up neither streams, versions nor heads.

/// In memory: the steps in a deque, a set of their ids, a map from a stream to its last step, under one lock.
class memory_step_floor {
public:
    void write(written_batch const& batch) {
        std::scoped_lock const lock{guard_};
        for (auto const& each : batch.steps) {
            steps_.push_back({each.event, each.stream_name, each.version});
            ids_.insert(each.event.id);
            last_.insert_or_assign(each.stream_name, steps_.size());
        }
        for (auto const& each : batch.cursors)
            cursors_[each.module] = each.position;
    }

private:
    struct row {
        converge::new_event event;
        std::string stream;
        std::int64_t version = 0;
    };
    std::mutex guard_;
    std::deque<row> steps_;
    boost::unordered_flat_set<converge::event_id, boost::hash<converge::event_id>> ids_;
    boost::unordered_flat_map<std::string, std::size_t> last_;
    std::map<std::string, std::int64_t> cursors_;
};

/// Into the file in which the events are: the index of ids is one for all modules, and so the larger for
/// them.
class sqlite_step_floor : sqlite_by_hand {
public:
    sqlite_step_floor(std::filesystem::path const& path, converge::sqlite_synchronous synchronous)
        : sqlite_by_hand{path, synchronous} {
        execute("INSERT INTO module(id, name, head) VALUES(9, 'fulfilment', 0)");
        prepare(
            {"BEGIN IMMEDIATE",
             "INSERT INTO event(key, module, stream, version, internal, recorded_at, id, name, payload) "
             "VALUES(?1, 9, ?2, ?3, 1, 0, ?4, ?5, ?6)",
             "INSERT INTO stream(id, module, name, version, last, last_public) VALUES(?1, 9, ?2, ?3, ?4, 0)",
             "UPDATE stream SET version = ?2, last = ?3 WHERE id = ?1",
             "UPDATE module SET head = ?1 WHERE id = 9", "INSERT OR REPLACE INTO cursor VALUES(?1, ?2, ?3)",
             "COMMIT"});
    }

    void write(written_batch const& batch) {
        run(begin);
        for (auto const& each : batch.steps) {
            ++position_;
            insert(each);
            auto const which = each.version == 1 ? new_stream : stream;
            bind(which, 1, first_stream + each.stream);
            if (which == new_stream)
                bind(which, 2, each.stream_name);
            bind(which, which == new_stream ? 3 : 2, each.version);
            bind(which, which == new_stream ? 4 : 3, position_);
            run(which);
        }
        bind(head, 1, position_);
        run(head);
        for (auto const& each : batch.cursors) {
            bind(cursor, 1, each.reader);
            bind(cursor, 2, each.module);
            bind(cursor, 3, each.position);
            run(cursor);
        }
        run(commit);
    }

private:
    static constexpr std::int64_t module = 9; // the events have lower ones
    static constexpr std::int64_t first_stream = 1'000'000'000;
    enum statement : unsigned char { begin, event, new_stream, stream, head, cursor, commit };

    void insert(written_batch::step const& each) const {
        bind(event, 1, module << converge::detail::sqlite_position_bits | position_);
        bind(event, 2, first_stream + each.stream);
        bind(event, 3, each.version);
        bind_bytes(event, 4, each.event.id.data, 16);
        bind(event, 5, each.event.name);
        bind_bytes(event, 6, each.event.payload.data(), each.event.payload.size());
        run(event);
    }

    std::int64_t position_ = 0;
};

/// One round trip and one transaction: all steps by one INSERT from arrays, all new streams by another, the
/// others by one UPDATE, the head of the module, the cursors. Into the tables in which the events are.
class postgres_step_floor : postgres_by_hand {
public:
    postgres_step_floor(std::string const& uri, std::string const& schema) : postgres_by_hand{uri, schema} {
        execute("INSERT INTO module(id, name) OVERRIDING SYSTEM VALUE VALUES (9, 'fulfilment')");
        prepare(
            "events", "INSERT INTO event SELECT 9, g.position, g.stream, g.version, true, clock_timestamp(), "
                      "g.id, g.name, g.payload "
                      "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[], $5::text[], "
                      "$6::bytea[]) g(position, stream, version, id, name, payload)");
        prepare(
            "new_streams", "INSERT INTO stream(id, module, name, version, last, last_public) "
                           "SELECT g.id, 9, g.name, g.version, g.position, 0 "
                           "FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) "
                           "g(id, name, version, position)");
        prepare(
            "streams", "UPDATE stream SET version = g.version, last = g.position "
                       "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) g(id, version, position) "
                       "WHERE stream.id = g.id");
        prepare("head", "UPDATE module SET head = $1::bigint WHERE id = 9");
        prepare(
            "cursor",
            "INSERT INTO cursor(reader, module, position, role) VALUES ($1, $2, $3::bigint, current_user) "
            "ON CONFLICT (reader, module) DO UPDATE SET position = excluded.position");
        begin_pipeline();
    }

    void write(written_batch const& batch) {
        using converge::detail::postgres_array;
        using converge::detail::postgres_type;
        postgres_array positions{postgres_type::bigint}, streams{postgres_type::bigint},
            versions{postgres_type::bigint}, ids{postgres_type::uuid}, names{postgres_type::text},
            payloads{postgres_type::bytes};
        stream_arrays added;
        stream_arrays changed;
        std::map<std::int64_t, bool> is_new;
        for (auto const& each : batch.steps) {
            positions.add(++position_);
            streams.add(first_stream + each.stream);
            versions.add(each.version);
            ids.add(each.event.id);
            names.add(std::string_view{each.event.name});
            payloads.add(std::string_view{each.event.payload});
            bool const first = is_new.try_emplace(each.stream, each.version == 1).first->second;
            if (each.last_of_its_stream)
                (first ? added : changed).add(each, position_);
        }
        send(
            "events",
            {std::move(positions).finish(), std::move(streams).finish(), std::move(versions).finish(),
             std::move(ids).finish(), std::move(names).finish(), std::move(payloads).finish()});
        send("new_streams", std::move(added).finish(true));
        send("streams", std::move(changed).finish(false));
        send("head", {number(position_)});
        for (auto const& each : batch.cursors)
            send("cursor", {each.reader, each.module, number(each.position)});
        finish(4 + static_cast<int>(batch.cursors.size()), [](PGresult*) {});
    }

private:
    static constexpr std::int64_t first_stream = 1'000'000'000; // the events have lower ones

    struct stream_arrays {
        converge::detail::postgres_array ids{converge::detail::postgres_type::bigint};
        converge::detail::postgres_array names{converge::detail::postgres_type::text};
        converge::detail::postgres_array versions{converge::detail::postgres_type::bigint};
        converge::detail::postgres_array positions{converge::detail::postgres_type::bigint};

        void add(written_batch::step const& each, std::int64_t position) {
            ids.add(first_stream + each.stream);
            names.add(std::string_view{each.stream_name});
            versions.add(each.version);
            positions.add(position);
        }
        std::vector<std::string> finish(bool with_names) && {
            std::vector<std::string> all;
            all.push_back(std::move(ids).finish());
            if (with_names)
                all.push_back(std::move(names).finish());
            all.push_back(std::move(versions).finish());
            all.push_back(std::move(positions).finish());
            return all;
        }
    };

    std::int64_t position_ = 0;
};
