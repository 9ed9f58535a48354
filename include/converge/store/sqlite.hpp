// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/sqlite/backup.hpp>
#include <converge/store/sqlite/connection.hpp>
#include <converge/store/sqlite/options.hpp>
#include <converge/store/sqlite/reader.hpp>
#include <converge/store/sqlite/records.hpp>
#include <converge/store/sqlite/runner_lock.hpp>
#include <converge/store/sqlite/schema.hpp>
#include <converge/store/sqlite/writer.hpp>
#include <converge/store/validation.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

/// A store in one SQLite file, the embedded default. In WAL mode: one writer and many readers, in any number
/// of processes, which do not wait for each other; a second writer waits up to `busy_timeout`.
///
/// One object is used by one thread at a time; another thread opens the file once more. A `fork` must not
/// carry an open store into the child. Calls throw `store_error` that names the file, what was being done,
/// and what SQLite said; a call that throws has written nothing. (One exception, as with every database: when
/// the disk itself fails at the end of a commit, nobody knows; the ids make it safe to try again.)
class sqlite_store {
public:
    /// Opens the file, or creates it. Throws `store_error`: `not_a_store`, `newer_schema`, `corrupt`,
    /// `read_only`, `unavailable`, `busy`, `full`; `invalid_argument` for an empty path.
    explicit sqlite_store(std::filesystem::path path, sqlite_options const& options = {})
        : connection_{std::make_unique<detail::sqlite_connection>(std::move(path), options)} {
        detail::prepare_schema(*connection_, options.read_only);
        connection_->execute(settings(options), "configure the connection");
        reader_ = std::make_unique<detail::sqlite_reader>(*connection_);
        if (options.read_only)
            return;
        writer_ = std::make_unique<detail::sqlite_writer>(*connection_);
        record_writer_ = std::make_unique<detail::sqlite_record_writer>(*connection_);
    }

    /// As it was given to the constructor.
    std::filesystem::path const& path() const noexcept { return connection_->path(); }

    /// Complexity: for each event three b-tree insertions; for each request a look-up and an update of its
    /// stream; and one wait for the disk.
    append_result append(append_request const& request) {
        require_valid(request);
        return writer().append(request);
    }

    /// One transaction, one wait for the disk.
    batch_result commit(batch const& together) {
        require_valid(together);
        return writer().commit(together);
    }

    /// Complexity: logarithmic to the first event, then linear in the number of events passed, whether the
    /// viewer sees them or not. Views point into SQLite's pages where it allows that.
    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        return reader_->read(module, after, limit, viewer == module, visit);
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        reader_->read_stream(module, stream, after, limit, viewer == module, visit);
    }

    /// Complexity: logarithmic.
    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
        return reader_->last_of_stream(module, stream, viewer == module);
    }

    /// See `batch_lookup_log`. One read transaction, all of one moment. Complexity: logarithmic for each.
    std::vector<std::optional<recorded_event>> last_of_streams(
        std::string_view module, std::span<std::string_view const> streams, std::string_view viewer) const {
        return reader_->last_of_streams(module, streams, viewer == module);
    }

    position head(std::string_view module) const { return reader_->head(module); }

    position load_cursor(std::string_view reader, std::string_view module) const {
        return reader_->load_cursor(reader, module);
    }

    void save_cursors(std::span<cursor const> cursors, std::span<fence const> fences = {}) {
        if (!cursors.empty() || !fences.empty())
            (void)commit({{}, cursors, fences});
    }

    /// Complexity: logarithmic in the number of records, and linear in what is found. A file of an older
    /// version, opened for reading only, has none.
    std::optional<record> find_record(std::string_view name) const {
        detail::require_record(name);
        return has_records() ? records_->find(name) : std::nullopt;
    }

    /// As above; all of one moment.
    std::vector<record> find_records(std::string_view prefix) const {
        detail::require_record_prefix(prefix);
        return has_records() ? records_->find_all(prefix) : std::vector<record>{};
    }

    /// One transaction, one wait for the disk.
    std::optional<record_revision>
    write_record(std::string_view name, record_revision expected, std::string_view value) {
        detail::require_record(name, value);
        writer();
        return record_writer_->write(name, expected, value);
    }

    /// As above.
    bool remove_record(std::string_view name, record_revision expected) {
        detail::require_record(name);
        writer();
        return record_writer_->remove(name, expected);
    }

    /// Copies the store as it is now to a new file, a store as well. Others may write meanwhile, and do not
    /// wait. Throws `store_error`: `invalid_argument` when the file exists, and what opening and writing it
    /// throws; then there is no new file.
    void back_up(std::filesystem::path const& to) const { detail::back_up(*connection_, to); }

    /// The right to run a process manager on this file, among all processes of this machine. It ends with the
    /// object, which may outlive the store, or with the process, however that ends. Throws `store_error`:
    /// `in_use`, which names the holder where it is known; `read_only`, `unavailable`, `invalid_argument`.
    detail::runner_lock lock_runner(std::string_view process) const {
        detail::require_process(process);
        return {path(), connection_->real_path(), process};
    }

private:
    static std::string settings(sqlite_options const& options) {
        // A write-ahead log of up to 32 MiB before it is copied into the file: ids are spread evenly over
        // their index, so the longer one waits, the more changes of one page become one write.
        return "PRAGMA synchronous = " +
               std::string{options.synchronous == sqlite_synchronous::full ? "FULL" : "NORMAL"} +
               "; PRAGMA wal_autocheckpoint = 8192; PRAGMA cell_size_check = ON" + "; PRAGMA cache_size = -" +
               std::to_string(options.cache_size / 1024 + 1);
    }

    detail::sqlite_writer& writer() const {
        if (!writer_)
            connection_->refuse(
                store_trouble::read_only, "cannot write: the store was opened for reading only");
        return *writer_;
    }

    /// Whether the file has come to the version that has records; another process may bring it there.
    bool has_records() const {
        if (!records_ && detail::sqlite_schema_version(*connection_) >= detail::sqlite_version_of_records)
            records_ = std::make_unique<detail::sqlite_records>(*connection_);
        return records_ != nullptr;
    }

    std::unique_ptr<detail::sqlite_connection> connection_; // the statements know its address
    std::unique_ptr<detail::sqlite_reader> reader_;
    std::unique_ptr<detail::sqlite_writer> writer_;
    std::unique_ptr<detail::sqlite_record_writer> record_writer_;
    mutable std::unique_ptr<detail::sqlite_records> records_; // made when they are asked for
};

} // namespace converge
