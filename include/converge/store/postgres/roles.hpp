// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres/session.hpp>
#include <converge/store/validation.hpp>

#include <string>
#include <string_view>

namespace converge::detail {

/// What the owner of a store lets the roles of the server do. See `postgres_store::give_module`.
class postgres_roles {
public:
    explicit postgres_roles(postgres_session& session) : session_{&session} {}

    void admit(std::string_view role) const {
        require_role(role);
        auto const name = quoted_identifier(role);
        session_->attempt([&](postgres_connection& connection) {
            make(connection, role);
            run(connection, "GRANT USAGE ON SCHEMA {schema} TO " + name);
            run(connection, "GRANT SELECT ON {schema}.module, {schema}.stream, {schema}.event, "
                            "{schema}.cursor, {schema}.record, {schema}.log, "
                            "{schema}.converge_schema TO " +
                                name);
            run(connection, "GRANT EXECUTE ON FUNCTION {schema}.append, {schema}.append_one, "
                            "{schema}.append_beside, {schema}.write_record, {schema}.remove_record, "
                            "{schema}.require_records TO " +
                                name);
        });
    }

    void give(std::string_view module, std::string_view role) const {
        require_module(module);
        admit(role);
        session_->attempt([&](postgres_connection& connection) {
            postgres_parameters all;
            all.add(module);
            all.add(role);
            connection.send(
                {"give_module", "give a module to a role",
                 session_->in_schema("INSERT INTO {schema}.module(name, role) VALUES ($1, $2::name) "
                                     "ON CONFLICT (name) DO UPDATE SET role = excluded.role")},
                all);
            connection.sync();
            connection.receive();
            connection.receive_sync();
        });
    }

private:
    /// The server would cut a longer name.
    static void require_role(std::string_view role) {
        constexpr std::size_t longest = 63;
        require_name("role name", role, longest);
    }

    /// "IF NOT EXISTS" is not for roles.
    void make(postgres_connection& connection, std::string_view role) const {
        if (exists(connection, role))
            return;
        try {
            run(connection, "CREATE ROLE " + quoted_identifier(role));
        } catch (postgres_failure const& failure) {
            if (failure.state() != "42710" && failure.state() != "23505") // somebody was faster
                throw;
        }
    }

    static bool exists(postgres_connection& connection, std::string_view role) {
        postgres_parameters all;
        all.add(role);
        connection.send(
            {"find_role", "find a role", "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1::name)"},
            all);
        connection.sync();
        bool found = false;
        connection.receive([&](postgres_row const& row) { found = row.boolean(0); });
        connection.receive_sync();
        return found;
    }

    void run(postgres_connection& connection, std::string_view sql) const {
        connection.send({"", "give rights to a role", session_->in_schema(sql)}, {});
        connection.sync();
        connection.receive();
        connection.receive_sync();
    }

    postgres_session* session_;
};

} // namespace converge::detail
