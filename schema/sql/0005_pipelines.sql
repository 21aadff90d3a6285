-- Which texts of pipeline files were applied, when and by whom. The files themselves stand in the folder; this is how
-- to get back.
CREATE TABLE pipeline_versions (
    name      text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    version   integer NOT NULL CHECK (version > 0),
    applied   timestamptz NOT NULL,
    user_name text NOT NULL, -- empty: the file was changed in the folder
    restores  integer CHECK (restores < version),
    text      text NOT NULL,
    PRIMARY KEY (name, version)
);

-- What happened, for people.
CREATE TABLE events (
    id        text PRIMARY KEY CHECK (id <> ''),
    time      timestamptz NOT NULL,
    level     text NOT NULL CHECK (level IN ('info', 'caution')),
    subject   text NOT NULL CHECK (subject <> ''),
    user_name text NOT NULL DEFAULT '',
    message   text NOT NULL CHECK (message <> '')
);
CREATE INDEX events_time ON events (time DESC);
