-- Missions. A change is a new version, and none is ever written over: a command of an upload names its mission and version, so that
-- what a vehicle was sent stays known.
CREATE TABLE missions (
    id        text NOT NULL CHECK (id <> ''),
    version   integer NOT NULL CHECK (version >= 1),
    name      text NOT NULL CHECK (name <> ''),
    kind      text NOT NULL CHECK (kind IN ('drone', 'vessel')),
    items     jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array' AND jsonb_array_length(items) BETWEEN 1 AND 1000),
    user_name text NOT NULL CHECK (user_name <> ''),
    written   timestamptz NOT NULL,
    removed   timestamptz, -- of all versions alike
    PRIMARY KEY (id, version)
);
CREATE INDEX missions_listed ON missions (written DESC) WHERE removed IS NULL;
