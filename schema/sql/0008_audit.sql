-- Who did what, when, from where, and what came of it. Only ever added to; each hash covers its row and the hash before it
-- (server/audit/chain.hpp), and newest hashes are kept in a file beside the database too.
CREATE TABLE audit (
    number    bigint PRIMARY KEY CHECK (number > 0),
    time      timestamptz NOT NULL,
    user_name text NOT NULL,                      -- '' when nobody was signed in
    address   text NOT NULL,                      -- of the client; '' for what the server itself found out
    action    text NOT NULL CHECK (action <> ''),
    subject   text NOT NULL,
    detail    text NOT NULL,
    result    text NOT NULL,
    hash      text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$')
);
CREATE INDEX audit_time ON audit (time);
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only ever added to';
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
