-- What vehicles said, by the time it reached us: a vehicle's own clock may be wrong, and one wrong clock must not
-- spread rows over partitions. Columns and limits are those of schema/telemetry.schema.json; partitions are made by
-- the server, one for each UTC day.
CREATE TABLE telemetry (
    received                 timestamptz NOT NULL,
    vehicle_id               text NOT NULL CHECK (vehicle_id <> ''),
    camera                   text,  -- NULL: said on the vehicle's link
    time                     timestamptz NOT NULL,
    time_source              text NOT NULL CHECK (time_source IN ('vehicle', 'mapped', 'arrival')),
    latitude_deg             double precision CHECK (latitude_deg BETWEEN -90 AND 90),
    longitude_deg            double precision CHECK (longitude_deg BETWEEN -180 AND 180),
    altitude_msl_m           real CHECK (altitude_msl_m BETWEEN -12000 AND 100000),
    altitude_hae_m           real CHECK (altitude_hae_m BETWEEN -12000 AND 100000),
    altitude_agl_m           real CHECK (altitude_agl_m BETWEEN -12000 AND 100000),
    heading_deg              real CHECK (heading_deg BETWEEN 0 AND 360),
    course_deg               real CHECK (course_deg BETWEEN 0 AND 360),
    pitch_deg                real CHECK (pitch_deg BETWEEN -90 AND 90),
    roll_deg                 real CHECK (roll_deg BETWEEN -180 AND 180),
    ground_speed_mps         real CHECK (ground_speed_mps BETWEEN 0 AND 1000),
    air_speed_mps            real CHECK (air_speed_mps BETWEEN 0 AND 1000),
    velocity_north_mps       real CHECK (velocity_north_mps BETWEEN -1000 AND 1000),
    velocity_east_mps        real CHECK (velocity_east_mps BETWEEN -1000 AND 1000),
    climb_mps                real CHECK (climb_mps BETWEEN -1000 AND 1000),
    battery_percent          real CHECK (battery_percent BETWEEN 0 AND 100),
    battery_v                real CHECK (battery_v BETWEEN 0 AND 10000),
    depth_m                  real CHECK (depth_m BETWEEN 0 AND 12000),
    water_speed_mps          real CHECK (water_speed_mps BETWEEN -100 AND 100),
    wind_speed_mps           real CHECK (wind_speed_mps BETWEEN 0 AND 200),
    wind_direction_deg       real CHECK (wind_direction_deg BETWEEN 0 AND 360),
    satellites               smallint CHECK (satellites BETWEEN 0 AND 255),
    armed                    boolean,
    mode                     text CHECK (length(mode) <= 64),
    name                     text CHECK (length(name) <= 127),
    camera_azimuth_deg       real CHECK (camera_azimuth_deg BETWEEN 0 AND 360),
    camera_elevation_deg     real CHECK (camera_elevation_deg BETWEEN -180 AND 180),
    camera_roll_deg          real CHECK (camera_roll_deg BETWEEN 0 AND 360),
    horizontal_fov_deg       real CHECK (horizontal_fov_deg BETWEEN 0 AND 180),
    vertical_fov_deg         real CHECK (vertical_fov_deg BETWEEN 0 AND 180),
    slant_range_m            real CHECK (slant_range_m BETWEEN 0 AND 5000000),
    frame_center             double precision[] CHECK (array_length(frame_center, 1) = 2),
    frame_center_elevation_m real CHECK (frame_center_elevation_m BETWEEN -12000 AND 100000),
    -- Four points one after another: upper left, upper right, lower right, lower left; latitude before longitude.
    footprint                double precision[] CHECK (array_length(footprint, 1) = 8)
) PARTITION BY RANGE (received);
CREATE INDEX telemetry_received ON telemetry USING brin (received) WITH (pages_per_range = 32);
CREATE INDEX telemetry_vehicle_received ON telemetry (vehicle_id, received);

-- The newest batch that each run of the server has written: a batch that waited on disk, or whose commit was cut off
-- from its answer, is written once and not twice.
CREATE TABLE telemetry_batches (
    writer  text PRIMARY KEY,
    batch   bigint NOT NULL,
    updated timestamptz NOT NULL DEFAULT now()
);
