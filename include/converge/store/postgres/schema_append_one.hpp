// SPDX-License-Identifier: MIT
#pragma once

namespace converge::detail {

// Who waits for events of a module holds this lock of the server shared. SQL, of a module's `name`.
inline constexpr char const* postgres_waiting_key = "hashtextextended('converge waits {schema} ' || name, 0)";

// What version 4 of the schema has beside `append`: the same for one event, in two thirds of its time.
//
// - `expected` and `outcome` as `append` has them; `head` and `version` are what they were before.
// - Version 6 has it wait for those who append beside each other, as `append` does.
// - The lock of the module is held, so what is looked up stays as it is until the commit. Ids come before
//   versions: the event is inserted first, and taken out again where its stream is not the new one it was
//   supposed to be.
// - `awaited` tells whether somebody may be waiting for events of the module, and has to be notified. Who
//   waits takes `postgres_waiting_key` first and looks for events then. The writer tries to take it alone,
//   and holds it until its transaction ends: so either it sees who waits, or what it wrote is there to be
//   seen when the one who waits has got the lock.
inline constexpr char const* postgres_append_one = R"(
CREATE OR REPLACE FUNCTION {schema}.append_one(
    module_name text, stream_name text, expected bigint,
    event_id uuid, event_name text, event_internal boolean, event_payload bytea,
    OUT outcome integer, OUT head bigint, OUT version bigint, OUT awaited boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    -- SET ROLE is not undone by SECURITY DEFINER, so the setting tells who calls.
    caller name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    is_owner boolean := pg_has_role(caller, current_user, 'USAGE');
    module_id integer;
    module_role name;
    stream_id bigint;
    is_new boolean;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events are appended with isolation read committed, not %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    outcome := 0;
    version := 0;
    PERFORM pg_advisory_xact_lock(hashtextextended('converge appends {schema} ' || module_name, 0));
    LOOP
        UPDATE {schema}.module m SET head = m.head + 1 WHERE m.name = module_name
            RETURNING m.id, m.head - 1, m.role INTO module_id, head, module_role;
        EXIT WHEN FOUND;
        IF NOT is_owner THEN
            RAISE EXCEPTION 'role "%" may not make the module "%"', caller, module_name
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        -- Who is slower waits here for the faster one's commit.
        INSERT INTO {schema}.module(name) VALUES (module_name) ON CONFLICT (name) DO NOTHING;
    END LOOP;
    IF NOT is_owner AND NOT {schema}.acts_for(caller, module_role) THEN
        RAISE EXCEPTION 'role "%" may not append to module "%"', caller, module_name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    awaited := NOT pg_try_advisory_xact_lock(hashtextextended('converge waits {schema} ' || module_name, 0));

    IF expected <> 0 THEN -- no name is searched for where the stream is to be new
        SELECT s.id, s.version INTO stream_id, version FROM {schema}.stream s
            WHERE s.module = module_id AND s.name = stream_name;
        version := coalesce(version, 0);
        IF expected NOT IN (-1, version) THEN
            outcome := 1;
            IF EXISTS (SELECT FROM {schema}.event e WHERE e.module = module_id AND e.id = event_id) THEN
                outcome := 2;
            END IF;
        END IF;
    END IF;
    IF outcome = 0 THEN
        is_new := stream_id IS NULL;
        IF is_new THEN
            stream_id := nextval('{schema}.stream_id');
        END IF;
        INSERT INTO {schema}.event VALUES (
            module_id, head + 1, stream_id, version + 1, event_internal, clock_timestamp(), event_id, event_name,
            event_payload)
            ON CONFLICT (module, id) DO NOTHING;
        IF NOT FOUND THEN
            outcome := 2;
        ELSIF is_new THEN
            INSERT INTO {schema}.stream(id, module, name, version, last, last_public) VALUES (
                stream_id, module_id, stream_name, 1, head + 1, CASE WHEN event_internal THEN 0 ELSE head + 1 END)
                ON CONFLICT (module, name) DO NOTHING;
            IF NOT FOUND THEN
                SELECT s.version INTO STRICT version FROM {schema}.stream s
                    WHERE s.module = module_id AND s.name = stream_name;
                DELETE FROM {schema}.event e WHERE e.module = module_id AND e.position = head + 1;
                outcome := 1;
            END IF;
        ELSE
            UPDATE {schema}.stream s SET version = s.version + 1, last = head + 1,
                last_public = CASE WHEN event_internal THEN s.last_public ELSE head + 1 END
                WHERE s.id = stream_id;
        END IF;
    END IF;
    IF outcome <> 0 THEN
        UPDATE {schema}.module m SET head = append_one.head WHERE m.id = module_id;
    END IF;
END $function$;
)";

// Who may call `append` may call it.
inline constexpr char const* postgres_append_one_rights = R"(
DO $do$
DECLARE
    admitted regrole;
BEGIN
    REVOKE ALL ON FUNCTION {schema}.append_one FROM PUBLIC;
    FOR admitted IN SELECT DISTINCT a.grantee::regrole
        FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
        WHERE p.pronamespace = '{schema}'::regnamespace AND p.proname = 'append'
            AND a.privilege_type = 'EXECUTE' AND a.grantee NOT IN (0, p.proowner)
    LOOP
        EXECUTE 'GRANT EXECUTE ON FUNCTION {schema}.append_one TO ' || admitted;
    END LOOP;
END $do$;
)";

} // namespace converge::detail
