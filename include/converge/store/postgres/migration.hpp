// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres/connection.hpp>
#include <converge/store/postgres/schema.hpp>
#include <converge/store/postgres/schema_append.hpp>
#include <converge/store/postgres/schema_append_beside.hpp>
#include <converge/store/postgres/schema_append_one.hpp>
#include <converge/store/postgres/schema_records.hpp>
#include <converge/store/postgres/session.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace converge::detail {

/// What brings a schema from one version to the next. Number n makes version n of version n - 1; each is a
/// list of SQL texts. Once released, a migration is never changed: another one is added.
using postgres_migration = std::span<char const* const>;

inline constexpr std::array<char const*, 2> postgres_version_1{postgres_tables, postgres_append_1};
inline constexpr std::array<char const*, 1> postgres_version_2{postgres_records_schema};
inline constexpr std::array<char const*, 2> postgres_version_3{postgres_append, postgres_append_rights};
inline constexpr std::array<char const*, 2> postgres_version_4{
    postgres_append_one, postgres_append_one_rights};
inline constexpr std::array<char const*, 1> postgres_version_5{postgres_append};
inline constexpr std::array<char const*, 4> postgres_version_6{
    postgres_append, postgres_append_one, postgres_append_beside, postgres_append_beside_rights};
inline constexpr std::array<postgres_migration, 6> postgres_migrations{
    postgres_version_1, postgres_version_2, postgres_version_3,
    postgres_version_4, postgres_version_5, postgres_version_6};

/// What is in the schema of a database.
struct postgres_schema_state {
    bool is_ours = false;
    bool is_empty = true;
    std::size_t version = 0;
};

/// Makes the schema of a store, or brings it to the newest version that this program knows.
class postgres_migrator {
public:
    /// `connection` is not in pipeline mode yet. Throws `store_error`: `not_a_store` when the schema holds
    /// something else, `newer_schema`, `denied`.
    postgres_migrator(
        postgres_connection& connection, postgres_session const& session,
        std::span<postgres_migration const> migrations = postgres_migrations)
        : connection_{&connection}, session_{&session}, migrations_{migrations} {}

    void run() const {
        if (is_current(state()))
            return;
        if (!session_->options().migrate)
            connection_->refuse(
                store_trouble::not_a_store,
                "the schema " + session_->schema() + " has version " + std::to_string(state().version) +
                    ", this program needs version " + std::to_string(migrations_.size()) +
                    ", and the options say not to migrate");
        execute("BEGIN");
        try {
            // One program at a time; the others find the work done.
            execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('converge schema ' || '" +
                session_->options().schema + "', 0))");
            migrate();
            execute("COMMIT");
        } catch (...) {
            (void)postgres_result{PQexec(connection_->get(), "ROLLBACK")};
            throw;
        }
    }

    postgres_schema_state state() const {
        auto const present = ask(
            "SELECT to_regclass('{schema}.converge_schema') IS NOT NULL, (SELECT count(*) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '" +
            session_->options().schema + "') = 0");
        postgres_schema_state found{present[0] == "t", present[1] == "t", 0};
        if (!found.is_ours)
            return found;
        auto const version = ask("SELECT coalesce(max(version), 0) FROM {schema}.converge_schema")[0];
        std::from_chars(version.data(), version.data() + version.size(), found.version);
        return found;
    }

private:
    /// Whether nothing is left to do. Throws when nothing may be done.
    bool is_current(postgres_schema_state const& found) const {
        if (!found.is_ours && !found.is_empty)
            connection_->refuse(
                store_trouble::not_a_store, "the schema " + session_->schema() +
                                                " holds something, but not a store of converge; it was left "
                                                "as it is");
        if (found.version > migrations_.size())
            connection_->refuse(
                store_trouble::newer_schema,
                "the schema " + session_->schema() + " has version " + std::to_string(found.version) +
                    ", this program knows versions up to " + std::to_string(migrations_.size()));
        return found.is_ours && found.version == migrations_.size();
    }

    void migrate() const {
        auto const found = state();
        if (is_current(found))
            return;
        if (!found.is_ours)
            execute("CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE {schema}.converge_schema("
                    "version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
        for (auto version = found.version; version < migrations_.size(); ++version) {
            for (auto const* const part : migrations_[version])
                execute(part);
            execute(
                "INSERT INTO {schema}.converge_schema(version) VALUES (" + std::to_string(version + 1) + ")");
        }
    }

    postgres_result execute(std::string_view sql) const {
        return connection_->execute(session_->in_schema(sql), "prepare the schema " + session_->schema());
    }

    /// The columns of the first row, as text.
    std::vector<std::string> ask(std::string_view sql) const {
        auto const result = execute(sql);
        std::vector<std::string> columns;
        for (int column = 0; column < PQnfields(result.get()); ++column)
            columns.emplace_back(PQgetvalue(result.get(), 0, column));
        return columns;
    }

    postgres_connection* connection_;
    postgres_session const* session_;
    std::span<postgres_migration const> migrations_;
};

} // namespace converge::detail
