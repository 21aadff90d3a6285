-- Jobs on recordings: exports and imports. One that is 'queued' waits or runs, which the server knows by itself: after a
-- restart it begins anew.
CREATE TABLE operations (
    id         text PRIMARY KEY CHECK (id <> ''),
    kind       text NOT NULL CHECK (kind IN ('export', 'import')),
    state      text NOT NULL CHECK (state IN ('queued', 'done', 'failed', 'cancelled')),
    detail     text NOT NULL DEFAULT '',
    user_name  text NOT NULL CHECK (user_name <> ''),
    created    timestamptz NOT NULL,
    ended      timestamptz CHECK ((ended IS NULL) = (state = 'queued')),
    vehicle_id text NOT NULL,
    camera     text NOT NULL,
    began      timestamptz, -- of the recordings that are meant; what an export reads is kept from removal
    until      timestamptz CHECK (until > began),
    request    jsonb NOT NULL,              -- what else was asked for, as the kind has it
    files      jsonb NOT NULL DEFAULT '[]'  -- what was made: name, bytes, sha256
);
CREATE INDEX operations_created ON operations (created DESC);
