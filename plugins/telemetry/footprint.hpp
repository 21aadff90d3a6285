// Where a camera looks: from a platform's pose and a camera's angles to points on level ground.
#pragma once

#include "plugins/telemetry/sample.hpp"

#include <optional>

namespace masthead {

/// What footprint() needs. Degrees, metres; angles as in Sample.
struct CameraPose {
    GeoPoint position;
    double height_above_ground_m = 0; // > 0
    double heading_deg = 0;
    double pitch_deg = 0;
    double roll_deg = 0;
    double azimuth_deg = 0;
    double elevation_deg = 0;
    double camera_roll_deg = 0;
    double horizontal_fov_deg = 0;
    double vertical_fov_deg = 0;
};

struct Footprint {
    std::optional<GeoPoint> center; // absent when the ray does not meet the ground within 50 km
    std::optional<double> slant_range_m;
    std::optional<std::array<GeoPoint, 4>>
        corners; // all four or none; upper left, upper right, lower right, lower left
};

/// Level ground on a locally flat earth (error under 0.1 % of the range within 10 km, up to 70 degrees of
/// latitude).
[[nodiscard]] Footprint footprint(const CameraPose& pose);

/// The unit ray of an image point in north-east-down, x and y from -1 (left, top) to 1 (right, bottom).
[[nodiscard]] std::array<double, 3> ray_ned(const CameraPose& pose, double x, double y);

/// Metres for a degree of latitude (north) and of longitude (east) on WGS 84.
struct MetresPerDegree {
    double north;
    double east;
};
[[nodiscard]] MetresPerDegree metres_per_degree(double latitude_deg);

/// `point` moved by metres north and east on WGS 84, as on a map of the place. Made for up to some 10 km and
/// away from the poles; the result is a point on the earth for any input that is a number.
[[nodiscard]] GeoPoint moved(GeoPoint point, double north_m, double east_m);
/// Metres north and east from `from` to `to` (locally flat).
[[nodiscard]] std::array<double, 2> offset_m(GeoPoint from, GeoPoint to);

/// Adds slant range, frame centre and corners (items 21, 23-25, 82-89) computed from the set's own pose and
/// camera angles, if it has them and no frame centre yet; the ground lies item 113 (AGL) below. Returns
/// whether it did.
bool add_footprint(klv::LocalSet& set);

} // namespace masthead
