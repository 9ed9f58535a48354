// SPDX-License-Identifier: MIT
#pragma once

namespace converge::detail {

// What version 6 of the schema has beside `append`: the same for a batch of one module that will hardly meet
// another one, so that several writers work at the same time, and take turns only for the end of it. They
// share a lock of the server that `append` and `append_one` take alone.
//
// - A writer claims the positions behind those of the last claim, while that one is still at work. Claims
//   are locks of the server, so they end with their transactions: one on the last position claimed, which
//   tells others where to go on, and one on the position it follows, so that two do not claim the same.
// - When it has written, it waits for the claim it follows, and moves the head of the module as its last
//   deed. That locks the module's row until the commit, and is refused where the head has come to the first
//   of its positions. This alone, with the primary key of the events, keeps positions visible in their order
//   (G3), whatever became of the claims, and whoever locks the row from the beginning on. The claims see to
//   it that this goes well.
// - A claim that is rolled back leaves a hole, where others follow it.
// - All is supposed to be as expected, as in `append`. Whatever is not, and whoever is to be waited for
//   longer than a moment before the end (he may wait for this one), undoes all.
// - It takes what `append` takes, of one module and of streams that all have an expected version, so
//   `stream_modules` is empty.
// - `outcome` 0: written; 3: nothing is written, for `append` to find out why.
inline constexpr char const* postgres_append_beside = R"(
CREATE FUNCTION {schema}.append_beside(
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
    patience text := current_setting('lock_timeout');
    claims integer := hashtext('converge claims {schema} ' || module_names[1]);
    follows integer := hashtext('converge follows {schema} ' || module_names[1]);
    module_id integer;
    module_role name;
    ends bigint[]; -- the claims' last positions, without their higher bits
    visible bigint;
    claimed bigint;
    base bigint; -- the position before the first
    is_claimed boolean;
    stream_ids bigint[];
    known integer;
    moved bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events are appended with isolation read committed, not %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('converge appends {schema} ' || module_names[1], 0));
    SELECT id, role INTO module_id, module_role FROM {schema}.module WHERE name = module_names[1];
    IF NOT FOUND OR NOT is_owner AND NOT {schema}.acts_for(caller, module_role) THEN
        outcome := 3;
        RETURN;
    END IF;
    versions := stream_expected;
    BEGIN
        PERFORM set_config('lock_timeout', '100ms', true);
        FOR attempt IN 1 .. 100 LOOP -- somebody may have claimed in half
            -- Claims first: one that ends meanwhile has moved the head.
            SELECT array_agg(l.objid::bigint) INTO ends FROM pg_locks l
                WHERE l.locktype = 'advisory' AND l.classid = (claims::bigint & 4294967295)::oid AND l.objsubid = 2
                AND l.mode = 'ExclusiveLock' AND l.granted
                AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
            SELECT head INTO visible FROM {schema}.module WHERE id = module_id;
            SELECT max(ahead) INTO claimed
                FROM (SELECT (g.last - visible) & 4294967295 AS ahead FROM unnest(ends) g(last)) g
                WHERE ahead < 2147483648;
            base := visible + coalesce(claimed, 0);
            is_claimed :=
                pg_try_advisory_xact_lock(follows, ((base + 2147483648) % 4294967296 - 2147483648)::integer);
            EXIT WHEN is_claimed;
        END LOOP;
        IF NOT is_claimed THEN
            RAISE EXCEPTION 'no positions can be claimed' USING ERRCODE = 'CV001'; -- caught below
        END IF;
        PERFORM pg_advisory_xact_lock(
            claims, ((base + module_events[1] + 2147483648) % 4294967296 - 2147483648)::integer);
        heads := ARRAY[base];

        known := coalesce(array_position(stream_expected, 0) - 1, cardinality(stream_expected));
        stream_ids := ARRAY(SELECT nextval('{schema}.stream_id')
            FROM generate_series(known + 1, cardinality(stream_names)));
        IF known > 0 THEN
            WITH moved AS (
                UPDATE {schema}.stream s SET version = s.version + coalesce(g.events, 1),
                        last = base + coalesce(g.last, g.n),
                        last_public = CASE WHEN g.last_public = 0 THEN s.last_public
                            ELSE base + coalesce(g.last_public, g.last, g.n) END
                    FROM unnest(stream_names, stream_expected, stream_events, stream_last, stream_last_public)
                        WITH ORDINALITY g(name, expected, events, last, last_public, n)
                    WHERE g.n <= known AND s.module = module_id AND s.name = g.name AND s.version = g.expected
                    RETURNING g.n, s.id)
            SELECT array_agg(m.id ORDER BY m.n) || stream_ids INTO stream_ids FROM moved m;
            IF cardinality(stream_ids) < cardinality(stream_names) THEN
                RAISE EXCEPTION 'a stream has another version' USING ERRCODE = 'CV001'; -- caught below
            END IF;
        END IF;
        INSERT INTO {schema}.stream(id, module, name, version, last, last_public)
            SELECT stream_ids[g.n], module_id, g.name, coalesce(g.events, 1), base + coalesce(g.last, g.n),
                CASE WHEN g.last_public = 0 THEN 0 ELSE base + coalesce(g.last_public, g.last, g.n) END
            FROM unnest(stream_names, stream_events, stream_last, stream_last_public)
                WITH ORDINALITY g(name, events, last, last_public, n)
            WHERE g.n > known;
        INSERT INTO {schema}.event
            SELECT module_id, base + coalesce(g.position, g.n), stream_ids[coalesce(g.stream, g.n)],
                coalesce(versions[coalesce(g.stream, g.n)], 0) + coalesce(g.version, 1),
                coalesce(g.internal, false), clock_timestamp(), g.id, g.name, g.payload
            FROM unnest(event_streams, event_positions, event_versions, event_ids, event_names,
                event_internals, event_payloads)
                WITH ORDINALITY g(stream, position, version, id, name, internal, payload, n);

        PERFORM set_config('lock_timeout', patience, true);
        IF claimed IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock_shared(
                claims, ((base + 2147483648) % 4294967296 - 2147483648)::integer);
        END IF;
        UPDATE {schema}.module SET head = base + module_events[1] WHERE id = module_id AND head <= base;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the head of the module is elsewhere' USING ERRCODE = 'CV001'; -- caught below
        END IF;
        outcome := 0;
    EXCEPTION WHEN SQLSTATE 'CV001' OR unique_violation OR lock_not_available OR deadlock_detected THEN
        outcome := 3;
        RETURN;
    END;

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

// Who may call `append` may call it.
inline constexpr char const* postgres_append_beside_rights = R"(
DO $do$
DECLARE
    admitted regrole;
BEGIN
    REVOKE ALL ON FUNCTION {schema}.append_beside FROM PUBLIC;
    FOR admitted IN SELECT DISTINCT a.grantee::regrole
        FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
        WHERE p.pronamespace = '{schema}'::regnamespace AND p.proname = 'append'
            AND a.privilege_type = 'EXECUTE' AND a.grantee NOT IN (0, p.proowner)
    LOOP
        EXECUTE 'GRANT EXECUTE ON FUNCTION {schema}.append_beside TO ' || admitted;
    END LOOP;
END $do$;
)";

} // namespace converge::detail
