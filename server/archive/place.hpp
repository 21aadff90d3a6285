// A place on the earth that recordings are searched for: an area drawn on a map, or a point with a radius.
#pragma once

#include "plugins/telemetry/sample.hpp"

#include <string_view>
#include <variant>
#include <vector>

namespace masthead::archive {

/// A ring of at least four corners, the first again at the end, whose sides are straight in longitude and
/// latitude. Longitudes go on beyond 180 where it crosses the antimeridian; its middle is within -180..180.
struct Area {
    std::vector<GeoPoint> ring;
};

struct Circle {
    GeoPoint center;
    double radius_m = 0;
};

using Place = std::variant<Area, Circle>;

/// Degrees; longitudes as of Area.
struct Box {
    double west;
    double south;
    double east;
    double north;
};

inline constexpr std::size_t kMostCorners = 500;
inline constexpr double kLargestExtent_deg = 90;
inline constexpr double kLargestRadius_m = 200'000;

/// A GeoJSON Polygon (RFC 7946, 3.1.6) without holes. Neighbours are joined the shorter way round the earth.
/// Whether its sides cross is not looked at. Error: invalid_argument.
[[nodiscard]] Result<Area> area_of(std::string_view geojson);
/// Error: invalid_argument.
[[nodiscard]] Result<Circle> circle_of(GeoPoint center, double radius_m);

/// The same longitude, by whole turns, within 180 degrees of `near`.
[[nodiscard]] double turned(double longitude_deg, double near_deg);

/// What holds all of it, and for a circle a little more.
[[nodiscard]] Box box_of(const Place& place);

} // namespace masthead::archive
