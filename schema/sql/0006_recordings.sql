-- What was recorded, to search in: a copy of the indexes that stand beside the files (plugins/recording). The files
-- are the truth. An administrator must have made the extension where our role may not.
CREATE EXTENSION IF NOT EXISTS postgis;

CREATE TABLE recordings (
    file        text PRIMARY KEY CHECK (file ~ '^[a-z0-9-]+/[a-z0-9-]+/[0-9]{4}-[0-9]{2}-[0-9]{2}/[^/]+[.]ts$'),
    vehicle_id  text NOT NULL,
    camera      text NOT NULL,
    codec       text NOT NULL CHECK (codec IN ('h264', 'h265')),
    began       timestamptz NOT NULL,
    ended       timestamptz NOT NULL CHECK (ended >= began),
    bytes       bigint NOT NULL,
    gops        bigint NOT NULL,
    frames      bigint NOT NULL,
    index_bytes bigint NOT NULL,  -- how much of its index is in here
    grown       timestamptz NOT NULL DEFAULT now(),
    -- Counted up for each camera, for live playlists: of the file, and of its first GOP.
    number      bigint NOT NULL,
    first_gop   bigint NOT NULL
);
CREATE INDEX recordings_camera_began ON recordings (vehicle_id, camera, began);
CREATE INDEX recordings_began ON recordings (began);

-- Where the vehicle was and where its camera looked, once a second.
CREATE TABLE recording_track (
    file         text NOT NULL REFERENCES recordings (file) ON DELETE CASCADE,
    time         timestamptz NOT NULL,
    position     geometry(Point, 4326),
    heading_deg  real,
    frame_center geometry(Point, 4326),
    footprint    geometry(Polygon, 4326)
);
CREATE INDEX recording_track_file ON recording_track (file, time);
CREATE INDEX recording_track_position ON recording_track USING gist (position);
CREATE INDEX recording_track_footprint ON recording_track USING gist (footprint);

-- Instants and ranges that somebody found worth a note. Recordings that a protecting one touches are never removed.
CREATE TABLE bookmarks (
    id         text PRIMARY KEY CHECK (id <> ''),
    vehicle_id text NOT NULL DEFAULT '', -- empty: of all vehicles
    camera     text NOT NULL DEFAULT '' CHECK (camera = '' OR vehicle_id <> ''), -- empty: of all cameras
    began      timestamptz NOT NULL,
    ended      timestamptz NOT NULL CHECK (ended >= began),
    note       text NOT NULL CHECK (length(note) <= 4000),
    protects   boolean NOT NULL,
    user_name  text NOT NULL CHECK (user_name <> ''),
    created    timestamptz NOT NULL
);
CREATE INDEX bookmarks_began ON bookmarks (began);
