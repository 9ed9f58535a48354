// SPDX-License-Identifier: MIT
#pragma once

namespace converge::detail {

/// The SQLSTATE of a fence that does not hold. Classes from I on are for whoever wants one.
inline constexpr char const* postgres_lease_lost = "VL001";

// What version 2 of the schema adds.
//
// - `record_revision.last` is the last revision given out. Whoever writes a record holds the lock of its row
//   until the commit, so revisions become visible in their order, as positions do, and none is used twice.
// - `record.written_in` is a number that the writing call has made up: a call that is made again after its
//   answer was lost finds itself.
// - A record belongs to the role of the module of who made it, so that all who have the role share it; who
//   has the roles of several modules, or of none, keeps it for himself. The owner of the tables sees all.
// - The lock of the record comes before that of the revision, so that who waits for a batch that is fenced by
//   one record does not keep others from writing theirs.
// - `require_records` is called ahead of `append` in the same transaction: the lock on the records keeps
//   their revisions as they are until the commit.
inline constexpr char const* postgres_records_schema = R"(
CREATE TABLE {schema}.record_revision(
    single boolean PRIMARY KEY DEFAULT true CHECK (single), last bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO {schema}.record_revision(last) VALUES (0);
CREATE TABLE {schema}.record(
    name text COLLATE "C" PRIMARY KEY, revision bigint NOT NULL UNIQUE, value bytea NOT NULL,
    written_in uuid NOT NULL, role name NOT NULL) WITH (fillfactor = 50);
ALTER TABLE {schema}.record ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON {schema}.record FOR SELECT USING ({schema}.acts_for(current_user, role));

CREATE FUNCTION {schema}.role_for_records(caller name) RETURNS name LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN count(DISTINCT m.role) = 1 THEN min(m.role::text)::name ELSE caller END
        FROM {schema}.module m JOIN pg_roles r ON r.rolname = m.role WHERE pg_has_role(caller, r.oid, 'USAGE') $$;

CREATE FUNCTION {schema}.write_record(
    record_name text, expected bigint, new_value bytea, this_call uuid, OUT new_revision bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $function$
DECLARE
    caller name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    is_owner boolean := pg_has_role(caller, current_user, 'USAGE');
    found_revision bigint;
    found_call uuid;
    found_role name;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'records are written with isolation read committed, not %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT r.revision, r.written_in, r.role INTO found_revision, found_call, found_role
        FROM {schema}.record r WHERE r.name = record_name FOR NO KEY UPDATE;
    IF FOUND AND NOT is_owner AND NOT {schema}.acts_for(caller, found_role) THEN
        RAISE EXCEPTION 'role "%" may not write the record "%" of another role', caller, record_name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF found_call = this_call THEN
        new_revision := found_revision;
        RETURN;
    END IF;
    IF coalesce(found_revision, 0) <> expected THEN
        RETURN;
    END IF;
    UPDATE {schema}.record_revision SET last = last + 1 RETURNING last INTO new_revision;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the last revision of records is missing' USING ERRCODE = 'data_corrupted';
    END IF;
    IF expected > 0 THEN
        UPDATE {schema}.record r SET revision = new_revision, value = new_value, written_in = this_call
            WHERE r.name = record_name;
        RETURN;
    END IF;
    INSERT INTO {schema}.record(name, revision, value, written_in, role) VALUES (record_name, new_revision,
        new_value, this_call, CASE WHEN is_owner THEN caller ELSE {schema}.role_for_records(caller) END)
        ON CONFLICT (name) DO NOTHING;
    IF NOT FOUND THEN -- somebody was faster
        new_revision := NULL;
    END IF;
END $function$;

CREATE FUNCTION {schema}.remove_record(record_name text, expected bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $function$
DECLARE
    caller name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    found_revision bigint;
    found_role name;
BEGIN
    SELECT r.revision, r.role INTO found_revision, found_role
        FROM {schema}.record r WHERE r.name = record_name FOR UPDATE;
    IF FOUND AND NOT {schema}.acts_for(caller, found_role) THEN
        RAISE EXCEPTION 'role "%" may not remove the record "%" of another role', caller, record_name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF found_revision IS DISTINCT FROM expected THEN
        RETURN false;
    END IF;
    DELETE FROM {schema}.record r WHERE r.name = record_name;
    RETURN true;
END $function$;

CREATE FUNCTION {schema}.require_records(names text[], revisions bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $function$
DECLARE
    caller name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    found_revision bigint;
    found_role name;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'fences are checked with isolation read committed, not %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    FOR n IN 1 .. cardinality(names) LOOP
        SELECT r.revision, r.role INTO found_revision, found_role
            FROM {schema}.record r WHERE r.name = names[n] FOR SHARE;
        IF FOUND AND NOT {schema}.acts_for(caller, found_role) THEN
            RAISE EXCEPTION 'role "%" may not use the record "%" of another role', caller, names[n]
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF found_revision IS DISTINCT FROM revisions[n] THEN
            RAISE EXCEPTION 'record ''%'' was to have revision %, but %; nothing was written', names[n],
                revisions[n], coalesce('has ' || found_revision, 'there is none') USING ERRCODE = 'VL001';
        END IF;
    END LOOP;
END $function$;
REVOKE ALL ON FUNCTION {schema}.role_for_records, {schema}.write_record, {schema}.remove_record,
    {schema}.require_records FROM PUBLIC;

-- Roles that were admitted before there were records.
DO $do$
DECLARE
    admitted regrole;
BEGIN
    FOR admitted IN SELECT DISTINCT a.grantee::regrole FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
        WHERE p.pronamespace = '{schema}'::regnamespace AND p.proname = 'append'
            AND a.privilege_type = 'EXECUTE' AND a.grantee NOT IN (0, p.proowner)
    LOOP
        EXECUTE 'GRANT SELECT ON {schema}.record TO ' || admitted;
        EXECUTE 'GRANT EXECUTE ON FUNCTION {schema}.write_record, {schema}.remove_record, '
            '{schema}.require_records TO ' || admitted;
    END LOOP;
END $do$;
)";

} // namespace converge::detail
