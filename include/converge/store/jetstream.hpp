// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/jetstream/cursors.hpp>
#include <converge/store/jetstream/permissions.hpp>
#include <converge/store/jetstream/reader.hpp>
#include <converge/store/jetstream/records.hpp>
#include <converge/store/jetstream/writer.hpp>
#include <converge/store/pipelined_log.hpp>
#include <converge/store/validation.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

/// A store in NATS JetStream, for those who outgrow one machine. A module's log is a stream of JetStream,
/// kept on as many servers as the options say; its positions are the sequences of that stream.
///
/// An append is atomic, all its events being one message: so they are all public or all internal, at most
/// 10,000, and no larger than the server's `max_payload`. Appends to several streams are not atomic, and the
/// store is no `atomic_batch_log`.
///
/// One object is used by one thread at a time; another thread makes another one. Calls throw `store_error`
/// that names the server, what was being done, and what was answered. A call goes on trying, over lost
/// connections and elections, until the timeout of the options; when it then throws `unavailable`, an append
/// may have been done or not: the ids make it safe to try again.
class jetstream_store {
public:
    /// Connects to "nats://HOST:PORT", or to one of several, separated by commas. Throws `store_error`:
    /// `unavailable`, `invalid_argument`.
    explicit jetstream_store(std::string const& servers, jetstream_options options = {})
        : connection_{std::make_unique<detail::jetstream_connection>(servers, std::move(options))},
          modules_{std::make_unique<detail::jetstream_modules>(*connection_)},
          reader_{std::make_unique<detail::jetstream_reader>(*connection_, *modules_)},
          writer_{std::make_unique<detail::jetstream_writer>(*connection_, *modules_)},
          cursors_{std::make_unique<detail::jetstream_cursor_bucket>(*connection_)},
          records_{std::make_unique<detail::jetstream_records>(*connection_)} {}

    /// As they were given to the constructor, without users and passwords.
    std::string const& servers() const noexcept { return connection_->servers(); }

    /// Complexity: a message for each id and one for all the events, two waits for the server; one more
    /// question where the object has not met the stream yet. More when other writers interfere.
    append_result append(append_request const& request) { return append_each({&request, 1}).front(); }

    /// Several appends, each with its own result, that wait for the server together; many of them are sent
    /// over a second connection, which is made when it is first needed. Each is atomic, all of
    /// them together are not. Those to one stream are done in their order, and after one that is refused no
    /// further one to its stream is done.
    std::vector<append_result> append_each(std::span<append_request const> requests) {
        for (auto const& each : requests)
            require_valid(each);
        return writer_->append(requests);
    }

    /// Complexity: one question for each `read_window` of messages, as long as reads follow each other; one
    /// more to begin elsewhere. For a foreign viewer the server leaves out internal messages.
    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) {
        return reader_->read(module, after, limit, viewer != module, visit);
    }

    /// Complexity: as `read`; linear in the length of the stream, also before `after`.
    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) {
        reader_->read_stream(module, stream, after, limit, viewer != module, visit);
    }

    /// Complexity: one wait for a server, any that has the log.
    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) {
        return reader_->last_of_stream(module, stream, viewer != module);
    }

    position head(std::string_view module) { return reader_->head(module); }

    position load_cursor(std::string_view reader, std::string_view module) {
        return cursors_->load(reader, module);
    }

    /// Throws `store_error`: `in_use` when another object has saved one of them since this one loaded or
    /// saved it; those before it are saved.
    void save_cursors(std::span<cursor const> cursors) {
        for (auto const& each : cursors)
            require_valid(each);
        for (auto const& each : cursors)
            cursors_->save(each);
    }

    /// Complexity: one question to the leader.
    std::optional<record> find_record(std::string_view name) const {
        detail::require_record(name);
        return records_->find(name);
    }

    /// Complexity: a question for the subjects of all records, also of those that were removed, and one for
    /// each record whose name may have the prefix; two waits. Not of one moment.
    std::vector<record> find_records(std::string_view prefix) const {
        detail::require_record_prefix(prefix);
        return records_->find_all(prefix);
    }

    /// Complexity: a question and a message, two waits. Throws `unavailable` when an answer was lost and
    /// nobody knows who has changed the record since. A record that was removed leaves a small message.
    std::optional<record_revision>
    write_record(std::string_view name, record_revision expected, std::string_view value) {
        detail::require_record(name, value);
        return records_->write(name, expected, value);
    }

    /// As above.
    bool remove_record(std::string_view name, record_revision expected) {
        detail::require_record(name);
        return records_->remove(name, expected);
    }

private:
    std::unique_ptr<detail::jetstream_connection> connection_; // the others know their addresses
    std::unique_ptr<detail::jetstream_modules> modules_;
    std::unique_ptr<detail::jetstream_reader> reader_;
    std::unique_ptr<detail::jetstream_writer> writer_;
    std::unique_ptr<detail::jetstream_cursor_bucket> cursors_;
    std::unique_ptr<detail::jetstream_records> records_;
};

} // namespace converge
