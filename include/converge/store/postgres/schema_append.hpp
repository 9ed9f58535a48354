// SPDX-License-Identifier: MIT
#pragma once

namespace converge::detail {

// What version 3 of the schema has instead of the `append` of version 1, and version 5 instead of that: one
// text for both, since nobody stops in between. Still one call for a whole batch, in which the caller counts:
// offsets are what is added to the head of the module, or to the version of the stream, and numbers of
// modules and streams begin with 1.
//
// - An array that would say the usual of each is empty, for each element costs the server: module 1, stream,
//   position and last position as its own place in the batch, one event a stream, version 1, all public,
//   `stream_expected` 0.
// - `stream_expected` is the version that a stream must have before the batch: -1 any, -2 none that it could
//   have, since requests of the batch contradict each other. Where streams of which a version is expected
//   come first, and then those that are to be new, all goes the short way. Programs of version 4, which may
//   still be at work, send them in another order.
// - Modules come sorted by name, so that those who want several wait in one order and not for each other.
//   Since version 6 it first waits for those who append beside each other (`postgres_append_beside`). Then
//   the heads of the modules are moved, which locks them until the commit. Each statement after that has a
//   snapshot of its own, with all that the former holder of the lock wrote. With a coarser isolation that
//   would not be so, hence the check.
// - It first supposes that ids are new, that streams which are to be new are, and that the others have the
//   versions expected: then the indexes, which have to be searched for the place of a row anyhow, are
//   searched once. Where that was wrong the subtransaction is undone, and all is looked up.
// - `outcome` 0: written; `heads` and `versions` are what the module's heads and the streams' versions were
//   before; `versions` is empty when all are 0. 1: a stream has another version than expected; `versions`
//   tells; nothing is written. 2: ids of the batch are known, whatever the versions; nothing is written.
// - It runs with the rights of the owner and asks for those of the caller itself, so that a role needs no
//   right to write the tables.
inline constexpr char const* postgres_append = R"(
CREATE OR REPLACE FUNCTION {schema}.append(
    module_names text[], module_events integer[],
    stream_modules integer[], stream_names text[], stream_expected bigint[], stream_events integer[],
    stream_last integer[], stream_last_public integer[],
    event_streams integer[], event_positions integer[], event_versions integer[],
    event_ids uuid[], event_names text[], event_internals boolean[], event_payloads bytea[],
    cursor_readers text[], cursor_modules text[], cursor_positions bigint[],
    OUT outcome integer, OUT heads bigint[], OUT versions bigint[])
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $function$
#variable_conflict use_variable
DECLARE
    -- SET ROLE is not undone by SECURITY DEFINER, so the setting tells who calls.
    caller name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    is_owner boolean := pg_has_role(caller, current_user, 'USAGE');
    module_ids integer[] := '{}';
    stream_ids bigint[];
    is_new boolean[] := '{}';
    looks_up boolean := false;
    known integer; -- so many streams, the first ones, are there with the versions expected
    violated text;
    found_id integer;
    found_head bigint;
    found_role name;
    moved bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events are appended with isolation read committed, not %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    outcome := 0;
    heads := '{}';
    versions := '{}';
    FOR m IN 1 .. cardinality(module_names) LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('converge appends {schema} ' || module_names[m], 0));
    END LOOP;
    FOR m IN 1 .. cardinality(module_names) LOOP
        LOOP
            UPDATE {schema}.module SET head = head + module_events[m] WHERE name = module_names[m]
                RETURNING id, head - module_events[m], role INTO found_id, found_head, found_role;
            EXIT WHEN FOUND;
            IF NOT is_owner THEN
                RAISE EXCEPTION 'role "%" may not make the module "%"', caller, module_names[m]
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            -- Who is slower waits here for the faster one's commit.
            INSERT INTO {schema}.module(name) VALUES (module_names[m]) ON CONFLICT (name) DO NOTHING;
        END LOOP;
        IF NOT is_owner AND NOT {schema}.acts_for(caller, found_role) THEN
            RAISE EXCEPTION 'role "%" may not append to module "%"', caller, module_names[m]
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        module_ids := module_ids || found_id;
        heads := heads || found_head;
    END LOOP;

    WHILE cardinality(event_ids) > 0 LOOP
        IF looks_up THEN
            IF EXISTS (SELECT FROM unnest(event_ids, event_streams) WITH ORDINALITY g(id, stream, n)
                    JOIN {schema}.event e ON e.id = g.id
                    AND e.module = module_ids[coalesce(stream_modules[coalesce(g.stream, g.n)], 1)]) THEN
                outcome := 2;
                EXIT;
            END IF;
        END IF;
        known := coalesce(array_position(stream_expected, 0) - 1, cardinality(stream_expected));
        IF looks_up OR 0 > ANY (stream_expected) OR 0 <> ANY (stream_expected[known + 1:]) THEN
            known := 0;
            -- No name is searched for where the stream is to be new.
            SELECT array_agg(coalesce(f.id, nextval('{schema}.stream_id'))), array_agg(coalesce(f.version, 0)),
                    array_agg(f.id IS NULL)
                INTO stream_ids, versions, is_new
                FROM (SELECT s.id, s.version
                    FROM unnest(stream_modules, stream_names, stream_expected) WITH ORDINALITY
                        g(module, name, expected, n)
                    LEFT JOIN {schema}.stream s ON s.module = module_ids[coalesce(g.module, 1)]
                        AND s.name = CASE WHEN looks_up OR g.expected <> 0 THEN g.name END
                    ORDER BY g.n) f;
            IF EXISTS (SELECT FROM unnest(stream_expected, versions) g(expected, version)
                    WHERE coalesce(g.expected, 0) NOT IN (-1, g.version)) THEN
                IF looks_up THEN
                    outcome := 1;
                    EXIT;
                END IF;
                looks_up := true; -- known ids come before versions
                CONTINUE;
            END IF;
        ELSE
            versions := stream_expected;
            stream_ids := ARRAY(SELECT nextval('{schema}.stream_id')
                FROM generate_series(known + 1, cardinality(stream_names)));
        END IF;
        BEGIN
            IF known > 0 THEN
                WITH moved AS (
                    UPDATE {schema}.stream s SET version = s.version + coalesce(g.events, 1),
                            last = heads[coalesce(g.module, 1)] + coalesce(g.last, g.n),
                            last_public = CASE WHEN g.last_public = 0 THEN s.last_public
                                ELSE heads[coalesce(g.module, 1)] + coalesce(g.last_public, g.last, g.n) END
                        FROM unnest(stream_modules, stream_names, stream_expected, stream_events, stream_last,
                            stream_last_public)
                            WITH ORDINALITY g(module, name, expected, events, last, last_public, n)
                        WHERE g.n <= known AND s.module = module_ids[coalesce(g.module, 1)]
                            AND s.name = g.name AND s.version = g.expected
                        RETURNING g.n, s.id)
                SELECT array_agg(m.id ORDER BY m.n) || stream_ids INTO stream_ids FROM moved m;
                IF cardinality(stream_ids) < cardinality(stream_names) THEN
                    RAISE EXCEPTION 'a stream has another version' USING ERRCODE = 'CV001'; -- caught below
                END IF;
            END IF;
            INSERT INTO {schema}.stream(id, module, name, version, last, last_public)
                SELECT stream_ids[g.n], module_ids[coalesce(g.module, 1)], g.name, coalesce(g.events, 1),
                    heads[coalesce(g.module, 1)] + coalesce(g.last, g.n),
                    CASE WHEN g.last_public = 0 THEN 0
                        ELSE heads[coalesce(g.module, 1)] + coalesce(g.last_public, g.last, g.n) END
                FROM unnest(stream_modules, stream_names, stream_events, stream_last, stream_last_public)
                    WITH ORDINALITY g(module, name, events, last, last_public, n)
                WHERE g.n > known AND coalesce(is_new[g.n], true);
            IF false = ANY (is_new) THEN
                UPDATE {schema}.stream s SET version = s.version + coalesce(g.events, 1),
                        last = heads[coalesce(g.module, 1)] + coalesce(g.last, g.n),
                        last_public = CASE WHEN g.last_public = 0 THEN s.last_public
                            ELSE heads[coalesce(g.module, 1)] + coalesce(g.last_public, g.last, g.n) END
                    FROM unnest(stream_modules, stream_names, stream_events, stream_last, stream_last_public)
                        WITH ORDINALITY g(module, name, events, last, last_public, n)
                    WHERE s.id = stream_ids[g.n] AND NOT is_new[g.n];
            END IF;
            INSERT INTO {schema}.event
                SELECT module_ids[coalesce(stream_modules[coalesce(g.stream, g.n)], 1)],
                    heads[coalesce(stream_modules[coalesce(g.stream, g.n)], 1)] + coalesce(g.position, g.n),
                    stream_ids[coalesce(g.stream, g.n)],
                    coalesce(versions[coalesce(g.stream, g.n)], 0) + coalesce(g.version, 1),
                    coalesce(g.internal, false), clock_timestamp(), g.id, g.name, g.payload
                FROM unnest(event_streams, event_positions, event_versions, event_ids, event_names,
                    event_internals, event_payloads)
                    WITH ORDINALITY g(stream, position, version, id, name, internal, payload, n);
            EXIT;
        EXCEPTION WHEN SQLSTATE 'CV001' THEN
            looks_up := true;
        WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
            IF looks_up OR violated NOT IN ('event_module_id_key', 'stream_module_name_key') THEN
                RAISE;
            END IF;
            looks_up := true;
        END;
    END LOOP;
    IF outcome <> 0 THEN
        FOR m IN 1 .. cardinality(module_ids) LOOP
            UPDATE {schema}.module SET head = heads[m] WHERE id = module_ids[m];
        END LOOP;
        RETURN;
    END IF;

    IF cardinality(cursor_readers) > 0 THEN
        INSERT INTO {schema}.cursor AS c (reader, module, position, role)
            SELECT g.reader, g.module, g.position, caller
            FROM unnest(cursor_readers, cursor_modules, cursor_positions) g(reader, module, position)
            ON CONFLICT (reader, module) DO UPDATE SET position = excluded.position
            WHERE is_owner OR {schema}.acts_for(caller, c.role);
        GET DIAGNOSTICS moved = ROW_COUNT;
        IF moved < cardinality(cursor_readers) THEN
            RAISE EXCEPTION 'role "%" may not move the cursors of another role', caller
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
END $function$;
)";

// The function of version 1 goes, and its rights come to that of version 3.
inline constexpr char const* postgres_append_rights = R"(
DO $do$
DECLARE
    ours regprocedure;
    old regprocedure;
    admitted regrole;
BEGIN
    SELECT p.oid INTO STRICT ours FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = '{schema}'::regnamespace AND p.proname = 'append' AND p.pronargs = 18;
    SELECT p.oid INTO STRICT old FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = '{schema}'::regnamespace AND p.proname = 'append' AND p.pronargs = 20;
    EXECUTE 'REVOKE ALL ON FUNCTION ' || ours || ' FROM PUBLIC';
    FOR admitted IN SELECT DISTINCT a.grantee::regrole
        FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
        WHERE p.oid = old AND a.privilege_type = 'EXECUTE' AND a.grantee NOT IN (0, p.proowner)
    LOOP
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || ours || ' TO ' || admitted;
    END LOOP;
    EXECUTE 'DROP FUNCTION ' || old;
END $do$;
)";

} // namespace converge::detail
