// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/sqlite/added_event.hpp>
#include <converge/store/sqlite/counted_rows.hpp>
#include <converge/store/sqlite/insert.hpp>
#include <converge/store/sqlite/records.hpp>
#include <converge/store/sqlite/schema.hpp>
#include <converge/store/sqlite/statement.hpp>
#include <converge/store/sqlite/stream_table.hpp>
#include <converge/store/text_map.hpp>
#include <converge/store/validation.hpp>

#include <boost/uuid/uuid_io.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace converge::detail {

/// The writing half of a SQLite store. What it is given has been validated.
class sqlite_writer {
public:
    explicit sqlite_writer(sqlite_connection const& on)
        : transaction_{on}, find_module_{on, "SELECT id, head FROM module WHERE name = ?1", "find a module"},
          add_module_{on, "INSERT INTO module(name, head) VALUES(?1, 0)", "add a module"},
          save_head_{on, "UPDATE module SET head = ?2 WHERE id = ?1", "save the head of a module"},
          streams_{on},
          find_event_{on, "SELECT key, version FROM event WHERE id = ?1 AND module = ?2", "find an event"},
          events_{on},
          save_cursor_{
              on,
              "INSERT INTO cursor(reader, module, position) VALUES(?1, ?2, ?3) "
              "ON CONFLICT DO UPDATE SET position = excluded.position",
              "save a cursor"},
          revisions_{on} {}

    append_result append(append_request const& request) {
        return in_transactions(request.events.size(), [&]() -> append_result { return write(request, 0); });
    }

    batch_result commit(batch const& together) {
        return in_transactions(together.appends.size(), [&]() -> batch_result {
            revisions_.require(together.fences);
            std::vector<appended> done;
            done.reserve(together.appends.size());
            for (auto const& request : together.appends) {
                auto const written = write(request, done.size());
                if (!written)
                    return written.error();
                done.push_back(*written);
            }
            for (auto const& each : together.cursors)
                save(each);
            return done;
        });
    }

private:
    struct module_row {
        std::int64_t id = 0;
        std::int64_t head = 0;
        std::uint64_t transaction = 0; // in which the head was read
        bool changed = false;
    };

    struct event_place {
        std::int64_t position = 0; // 0: not there
        std::int64_t version = 0;
    };

    /// Whether the connection is in a transaction that somebody else has opened.
    bool is_in_transaction() const {
        return sqlite3_get_autocommit(transaction_.begin.connection().get()) == 0;
    }

    /// Adds many events together, and supposes that neither they nor the new streams are there already: that
    /// is found out late, when what comes after them is done. Where it is wrong, everything is taken back,
    /// and done again one by one.
    template <class Work> std::invoke_result_t<Work&> in_transactions(std::size_t events, Work work) {
        if (events < sqlite_insert<sqlite_added_event>::together || is_in_transaction())
            return in_transaction(false, work);
        try {
            return in_transaction(true, work);
        } catch (sqlite_wrong_guess const&) {
            return in_transaction(false, work);
        }
    }

    /// Commits when `work` gives a value; takes everything back when it gives an error or throws. Where a
    /// transaction is open on the connection, that is left to whoever opened it, and this object with it.
    template <class Work> std::invoke_result_t<Work&> in_transaction(bool together, Work& work) {
        std::optional<sqlite_transaction> own;
        if (!is_in_transaction())
            own.emplace(transaction_);
        ++number_;
        together_ = together;
        streams_.begin_transaction(together);
        events_.forget_waiting();
        now_ = std::chrono::duration_cast<std::chrono::microseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count();
        try {
            auto result = work();
            if (result) {
                events_.write_waiting();
                streams_.write_waiting();
                save_heads();
                if (own) {
                    own->commit();
                    streams_.note_committed();
                }
            } else {
                modules_.clear(); // it may know one that is being taken back
            }
            return result;
        } catch (...) {
            modules_.clear();
            throw;
        }
    }

    /// Before something is refused, which may be so only because something else was supposed.
    void suppose_nothing() const {
        if (together_)
            throw sqlite_wrong_guess{};
    }

    append_result write(append_request const& request, std::size_t request_number) {
        auto& module = module_for(request.module);
        if (request.expected == expected_version::none())
            if (auto const written = write_new_stream(request, module))
                return *written;
        auto& kept = streams_.find(module.id, request.stream);
        auto stream = kept;
        if (!request.expected.admits(static_cast<stream_version>(stream.version)))
            return repeat_or_refuse(request, request_number, module.id, stream.version);
        require_room(request, module);
        bool const is_new = stream.id == 0;
        if (is_new)
            stream.id = streams_.next_id();
        if (!add_events(request, module, stream))
            return repeated(request, module.id);
        if (is_new)
            streams_.add(kept, stream, module.id, request.stream);
        else
            streams_.save(kept, stream);
        return what_was_done(request, module, stream);
    }

    /// What is to be a new stream is added without a search for it. Where it is there already, nothing is
    /// done.
    std::optional<appended> write_new_stream(append_request const& request, module_row& module) {
        require_room(request, module);
        sqlite_stream_row stream{streams_.next_id(), 0, module.head, 0};
        auto after = stream;
        for (auto const& event : request.events)
            after.note(event);
        if (!streams_.try_to_add(after, module.id, request.stream))
            return std::nullopt;
        if (!add_events(request, module, stream)) {
            streams_.remove(stream, module.id, request.stream);
            return repeated(request, module.id);
        }
        return what_was_done(request, module, stream);
    }

    void require_room(append_request const& request, module_row const& module) const {
        if (static_cast<std::int64_t>(request.events.size()) <= sqlite_position_mask - module.head)
            return;
        suppose_nothing();
        transaction_.begin.connection().refuse(
            store_trouble::full, "module " + shown(request.module) + " has used up its positions");
    }

    /// False: the first of them is there already, and nothing was done. The unique index tells a repeat:
    /// nobody else has to look for one.
    bool add_events(append_request const& request, module_row& module, sqlite_stream_row& stream) {
        for (auto const& event : request.events) {
            stream.last = module.head;
            if (!add({&event, module.id, module.head + 1, stream.id, stream.version + 1, now_})) {
                if (&event != request.events.data())
                    refuse_repeat(request, event);
                return false;
            }
            stream.note(event);
            module.head = stream.last;
        }
        module.changed = true;
        return true;
    }

    /// False: the module has the id already.
    bool add(sqlite_added_event const& row) {
        if (together_) {
            events_.write_later(row);
            return true;
        }
        if (events_.write(row))
            return true;
        if (find_event(row.event->id, row.module).position != 0)
            return false;
        find_event_.connection().refuse(
            store_trouble::corrupt, "cannot append an event: its stream has one of version " +
                                        std::to_string(row.version) + " already");
    }

    static appended
    what_was_done(append_request const& request, module_row const& module, sqlite_stream_row const& stream) {
        auto const count = static_cast<std::int64_t>(request.events.size());
        return {
            static_cast<position>(module.head - count + 1), static_cast<position>(module.head),
            static_cast<stream_version>(stream.version), false};
    }

    /// The version is wrong, but ids come first.
    append_result repeat_or_refuse(
        append_request const& request, std::size_t request_number, std::int64_t module,
        std::int64_t version) const {
        suppose_nothing();
        if (find_event(request.events.front().id, module).position != 0)
            return repeated(request, module);
        for (auto const& event : request.events)
            if (find_event(event.id, module).position != 0)
                refuse_repeat(request, event);
        return wrong_version{request_number, static_cast<stream_version>(version)};
    }

    appended repeated(append_request const& request, std::int64_t module) const {
        auto const first = find_event(request.events.front().id, module);
        auto last = find_event(request.events.back().id, module);
        if (last.position == 0)
            last = first;
        return {
            static_cast<position>(first.position), static_cast<position>(last.position),
            static_cast<stream_version>(last.version), true};
    }

    event_place find_event(event_id const& id, std::int64_t module) const {
        sqlite_run const run{find_event_};
        run->bind_bytes(1, id.data, id.size());
        run->bind(2, module);
        if (!run->step())
            return {};
        return {run->integer(0) & sqlite_position_mask, run->integer(1)};
    }

    /// Module ids never change, so they are kept; the head is read once in a transaction.
    module_row& module_for(std::string_view name) {
        auto found = modules_.find(name);
        if (found == modules_.end())
            found = modules_.emplace(std::string{name}, module_row{}).first;
        auto& module = found->second;
        if (module.transaction != number_)
            load(module, name);
        return module;
    }

    void load(module_row& module, std::string_view name) {
        {
            sqlite_run const run{find_module_};
            run->bind_text(1, name);
            if (run->step()) {
                auto const found = module_row_of(*run, name);
                module = {found.id, found.head, number_, false};
                return;
            }
        }
        sqlite_run const run{add_module_};
        run->bind_text(1, name);
        run->step();
        module = {sqlite3_last_insert_rowid(run->connection().get()), 0, number_, false};
        if (module.id > sqlite_greatest_module)
            run->connection().refuse(store_trouble::full, "holds as many modules as it can");
    }

    void save_heads() {
        for (auto& [name, module] : modules_) {
            if (module.transaction != number_ || !module.changed)
                continue;
            sqlite_run const run{save_head_};
            run->bind(1, module.id);
            run->bind(2, module.head);
            run->step();
        }
    }

    void save(cursor const& each) const {
        sqlite_run const run{save_cursor_};
        run->bind_text(1, each.reader);
        run->bind_text(2, each.module);
        run->bind(3, static_cast<std::int64_t>(each.position));
        run->step();
    }

    sqlite_transaction_statements transaction_;
    sqlite_statement find_module_;
    sqlite_statement add_module_;
    sqlite_statement save_head_;
    sqlite_stream_table streams_;
    sqlite_statement find_event_;
    sqlite_insert<sqlite_added_event> events_;
    sqlite_statement save_cursor_;
    sqlite_record_revisions revisions_;
    text_map<module_row> modules_;
    std::uint64_t number_ = 0; // of the transaction
    bool together_ = false;    // events are added together
    std::int64_t now_ = 0;
};

} // namespace converge::detail
