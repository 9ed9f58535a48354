// SPDX-License-Identifier: MIT
#pragma once

namespace converge::detail {

// What version 1 of the schema is made of.
//
// - `module.head` is the last position given out. Whoever appends to a module holds the lock of its row
//   until the commit, so positions become visible in their order (G3).
// - `stream.last` and `stream.last_public` are positions, so that the last event a viewer may see is found at
// once,
//   however many internal ones follow it.
// - `UNIQUE(module, id)` is what makes a repeated append a no-op.
// - The owner of the tables is the application that runs all modules. A role that a module was given sees all
// of that
//   module, and of the others what is public; it writes through `append` alone.
inline constexpr char const* postgres_tables = R"(
CREATE TABLE {schema}.module(
    id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text COLLATE "C" NOT NULL UNIQUE,
    head bigint NOT NULL DEFAULT 0, role name) WITH (fillfactor = 50);
CREATE SEQUENCE {schema}.stream_id;
CREATE TABLE {schema}.stream(
    id bigint PRIMARY KEY, module integer NOT NULL, name text COLLATE "C" NOT NULL, version bigint NOT NULL,
    last bigint NOT NULL, last_public bigint NOT NULL, UNIQUE (module, name)) WITH (fillfactor = 80);
CREATE TABLE {schema}.event(
    module integer NOT NULL, position bigint NOT NULL, stream bigint NOT NULL, version bigint NOT NULL,
    internal boolean NOT NULL, recorded_at timestamptz NOT NULL, id uuid NOT NULL, name text COLLATE "C" NOT NULL,
    payload bytea NOT NULL, PRIMARY KEY (module, position), UNIQUE (module, id), UNIQUE (stream, version));
CREATE TABLE {schema}.cursor(
    reader text COLLATE "C" NOT NULL, module text COLLATE "C" NOT NULL, position bigint NOT NULL,
    role name NOT NULL, PRIMARY KEY (reader, module)) WITH (fillfactor = 50);

CREATE FUNCTION {schema}.acts_for(who name, of_module name) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog AS $$
BEGIN
    RETURN pg_has_role(who, (SELECT c.relowner FROM pg_class c WHERE c.oid = '{schema}.event'::regclass), 'USAGE')
        OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = of_module AND pg_has_role(who, r.oid, 'USAGE'));
END $$;
CREATE FUNCTION {schema}.own_modules() RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(pg_catalog.array_agg(m.id), '{}') FROM {schema}.module m
        WHERE {schema}.acts_for(current_user, m.role) $$;

ALTER TABLE {schema}.event ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON {schema}.event FOR SELECT
    USING (NOT internal OR module = ANY ((SELECT {schema}.own_modules())::integer[]));
ALTER TABLE {schema}.stream ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON {schema}.stream FOR SELECT
    USING (last_public > 0 OR module = ANY ((SELECT {schema}.own_modules())::integer[]));
ALTER TABLE {schema}.cursor ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON {schema}.cursor FOR SELECT USING ({schema}.acts_for(current_user, role));

CREATE VIEW {schema}.log WITH (security_invoker = true) AS SELECT
    m.name AS module, e.position, s.name AS stream, e.version, e.name, e.internal, e.id, e.payload, e.recorded_at
    FROM {schema}.event e JOIN {schema}.module m ON m.id = e.module JOIN {schema}.stream s ON s.id = e.stream;
)";

// Version 3 has another one, see schema_append.hpp.
//
// One call for a whole batch, however many streams and events it has. The caller counts: offsets are what is
// added to the head of the module, or to the version of the stream, and numbers of modules and streams begin
// with 1.
//
// - Modules come sorted by name, so that those who want several wait in one order and not for each other.
// - Each statement after the lock has a snapshot of its own, which has all that the former holder of the lock
// wrote.
//   With a coarser isolation that would not be so, hence the check.
// - `outcome` 0: written; `heads` and `versions` are what the module's heads and the streams' versions were
// before.
//   1: `request`, counted from 0, finds `version` events in its stream; nothing is written. 2: ids of the
//   batch are known; nothing is written.
// - It runs with the rights of the owner and asks for those of the caller itself, so that a role needs no
// right to
//   write the tables.
inline constexpr char const* postgres_append_1 = R"(
CREATE FUNCTION {schema}.append(
    module_names text[], module_events integer[],
    stream_modules integer[], stream_names text[], stream_events integer[],
    stream_last integer[], stream_last_public integer[],
    request_streams integer[], request_expected bigint[], request_before integer[],
    event_streams integer[], event_positions integer[], event_versions integer[],
    event_ids uuid[], event_names text[], event_internals boolean[], event_payloads bytea[],
    cursor_readers text[], cursor_modules text[], cursor_positions bigint[],
    OUT outcome integer, OUT request integer, OUT version bigint, OUT heads bigint[], OUT versions bigint[])
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
    is_new boolean[];
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
    FOR m IN 1 .. cardinality(module_names) LOOP
        SELECT id, head, role INTO found_id, found_head, found_role FROM {schema}.module
            WHERE name = module_names[m] FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            IF NOT is_owner THEN
                RAISE EXCEPTION 'role "%" may not make the module "%"', caller, module_names[m]
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            -- Who is slower waits here for the faster one's commit.
            INSERT INTO {schema}.module(name) VALUES (module_names[m]) ON CONFLICT (name) DO NOTHING;
            SELECT id, head, role INTO found_id, found_head, found_role FROM {schema}.module
                WHERE name = module_names[m] FOR NO KEY UPDATE;
        END IF;
        IF NOT is_owner AND NOT {schema}.acts_for(caller, found_role) THEN
            RAISE EXCEPTION 'role "%" may not append to module "%"', caller, module_names[m]
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        module_ids := module_ids || found_id;
        heads := heads || found_head;
    END LOOP;

    IF cardinality(event_ids) > 0 THEN
        IF EXISTS (SELECT FROM unnest(event_ids, event_streams) g(id, stream) JOIN {schema}.event e
                ON e.module = module_ids[stream_modules[g.stream]] AND e.id = g.id) THEN
            outcome := 2;
            RETURN;
        END IF;
        SELECT array_agg(coalesce(s.id, nextval('{schema}.stream_id')) ORDER BY g.n),
                array_agg(coalesce(s.version, 0) ORDER BY g.n), array_agg(s.id IS NULL ORDER BY g.n)
            INTO stream_ids, versions, is_new
            FROM unnest(stream_modules, stream_names) WITH ORDINALITY g(module, name, n)
            LEFT JOIN {schema}.stream s ON s.module = module_ids[g.module] AND s.name = g.name;
        SELECT g.n - 1, versions[g.stream] + g.before INTO request, version
            FROM unnest(request_streams, request_expected, request_before) WITH ORDINALITY g(stream, expected, before, n)
            WHERE g.expected >= 0 AND g.expected <> versions[g.stream] + g.before ORDER BY g.n LIMIT 1;
        IF FOUND THEN
            outcome := 1;
            RETURN;
        END IF;
        INSERT INTO {schema}.event
            SELECT module_ids[stream_modules[g.stream]], heads[stream_modules[g.stream]] + g.position,
                stream_ids[g.stream], versions[g.stream] + g.version, g.internal, clock_timestamp(), g.id, g.name,
                g.payload
            FROM unnest(event_streams, event_positions, event_versions, event_ids, event_names, event_internals,
                event_payloads) g(stream, position, version, id, name, internal, payload);
        IF true = ANY (is_new) THEN
            INSERT INTO {schema}.stream(id, module, name, version, last, last_public)
                SELECT stream_ids[g.n], module_ids[g.module], g.name, g.events, heads[g.module] + g.last,
                    CASE WHEN g.last_public > 0 THEN heads[g.module] + g.last_public ELSE 0 END
                FROM unnest(stream_modules, stream_names, stream_events, stream_last, stream_last_public)
                    WITH ORDINALITY g(module, name, events, last, last_public, n)
                WHERE is_new[g.n];
        END IF;
        IF false = ANY (is_new) THEN
            UPDATE {schema}.stream s SET version = s.version + g.events, last = heads[g.module] + g.last,
                    last_public = CASE WHEN g.last_public > 0 THEN heads[g.module] + g.last_public
                        ELSE s.last_public END
                FROM unnest(stream_modules, stream_events, stream_last, stream_last_public)
                    WITH ORDINALITY g(module, events, last, last_public, n)
                WHERE s.id = stream_ids[g.n] AND NOT is_new[g.n];
        END IF;
        FOR m IN 1 .. cardinality(module_ids) LOOP
            UPDATE {schema}.module SET head = heads[m] + module_events[m] WHERE id = module_ids[m];
        END LOOP;
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
REVOKE ALL ON FUNCTION {schema}.append FROM PUBLIC;
)";

} // namespace converge::detail
