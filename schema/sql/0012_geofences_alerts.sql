-- Geofences, and the alerts that were raised: of fences and of everything else that people must be told.
CREATE TABLE geofences (
    id         text PRIMARY KEY CHECK (id <> ''),
    name       text NOT NULL CHECK (name <> '' AND octet_length(name) <= 100),
    rule       text NOT NULL CHECK (rule IN ('keep_in', 'keep_out')),
    vehicle_id text NOT NULL DEFAULT '', -- empty: of the whole fleet
    enabled    boolean NOT NULL,
    shape      geometry(Geometry, 4326) NOT NULL CHECK (ST_IsValid(shape)),
    radius_m   double precision CHECK (radius_m > 0), -- of a circle, whose middle the shape is
    datum      text CHECK (datum IN ('msl', 'hae', 'agl')),
    min_m      double precision,
    max_m      double precision,
    user_name  text NOT NULL CHECK (user_name <> ''), -- who changed it last
    changed    timestamptz NOT NULL,
    CHECK (GeometryType(shape) = CASE WHEN radius_m IS NULL THEN 'POLYGON' ELSE 'POINT' END),
    CHECK ((datum IS NULL) = (min_m IS NULL AND max_m IS NULL)),
    CHECK (min_m < max_m)
);

CREATE TABLE alerts (
    id              text PRIMARY KEY CHECK (id <> ''),
    kind            text NOT NULL CHECK (kind ~ '^[a-z]+$'),
    vehicle_id      text NOT NULL,
    subject         text NOT NULL, -- which fence, camera, command or target; may be empty
    severity        text NOT NULL CHECK (severity IN ('caution', 'warning')),
    state           text NOT NULL CHECK (state IN ('raised', 'acknowledged', 'snoozed', 'cleared')),
    message         text NOT NULL,
    raised          timestamptz NOT NULL,
    updated         timestamptz NOT NULL,
    user_name       text NOT NULL DEFAULT '', -- who acknowledged or snoozed it last
    snoozed_until   timestamptz
);
CREATE INDEX alerts_open ON alerts (raised) WHERE state <> 'cleared';
