// A geofence: where vehicles must stay, or must not go; and how far a vehicle is from breaking it. Pure.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/telemetry/sample.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace masthead::fences {

enum class Rule : std::uint8_t { keep_in, keep_out };
/// What altitudes are measured from: mean sea level, the WGS 84 ellipsoid, ground or take-off point.
enum class Datum : std::uint8_t { msl, hae, agl };

/// A ring of 4 to kMostPoints positions, the first again at the end; sides are straight in longitude and
/// latitude (RFC 7946), do not cross each other or the antimeridian, and enclose something.
struct Polygon {
    std::vector<GeoPoint> ring;
};

struct Circle {
    GeoPoint center;
    double radius_m = 0; // 1..kLargestRadiusM
};

using Shape = std::variant<Polygon, Circle>;

/// An end that is absent is open.
struct AltitudeBand {
    Datum datum = Datum::msl;
    std::optional<double> min_m;
    std::optional<double> max_m;
};

struct Fence {
    std::string id;
    std::string name;
    Rule rule = Rule::keep_in;
    std::string vehicle; // empty: of the whole fleet
    bool enabled = true;
    Shape shape;
    std::optional<AltitudeBand> altitude;
};

inline constexpr std::size_t kMostPoints = 500;
inline constexpr double kLargestRadiusM = 200'000;

[[nodiscard]] std::string_view to_string(Rule rule) noexcept;   // "keep_in", "keep_out"
[[nodiscard]] std::string_view to_string(Datum datum) noexcept; // "msl", "hae", "agl"
[[nodiscard]] std::optional<Rule> parse_rule(std::string_view text) noexcept;
[[nodiscard]] std::optional<Datum> parse_datum(std::string_view text) noexcept;

/// Whether these positions may be a Polygon. Error: invalid_argument, naming points from 1.
[[nodiscard]] Result<void> check_ring(const std::vector<GeoPoint>& ring);
/// Errors: invalid_argument.
[[nodiscard]] Result<void> check_circle(const Circle& circle);
[[nodiscard]] Result<void> check_band(const AltitudeBand& band);

[[nodiscard]] bool concerns(const Fence& fence, std::string_view vehicle) noexcept;

/// The WGS 84 distance to the border, taken as a sphere's: good to half a percent of it; positive inside.
[[nodiscard]] double depth_m(const Shape& shape, GeoPoint point);

/// Where something is. Altitudes that are not known are absent.
struct Position {
    GeoPoint point;
    std::optional<double> altitude_msl_m;
    std::optional<double> altitude_hae_m;
    std::optional<double> altitude_agl_m;
};

/// How far over its border the fence is broken, sideways or up and down; negative: how far that is off. A
/// band whose altitude is not known does not count: the area alone then decides.
[[nodiscard]] double breach_m(const Fence& fence, const Position& position);

/// How far a vehicle can get away from the borders at least, where it is allowed to be: margins beyond that
/// could never be kept.
[[nodiscard]] double room_m(const Fence& fence);

/// The schema GeofenceEdit of openapi.yaml. Errors: invalid_argument with a sentence that names the member
/// and, in a polygon, the point.
[[nodiscard]] Result<Fence> parse_fence(std::string_view json);
/// The schema Geofence.
[[nodiscard]] std::string to_json(const Fence& fence);
/// The shape as GeoJSON geometry: a Polygon, or the Point of a circle's middle.
[[nodiscard]] std::string geometry_json(const Shape& shape);
/// The other way, for what was checked when it was written. Error: malformed.
[[nodiscard]] Result<Shape> shape_from(std::string_view geometry, std::optional<double> radius_m);

} // namespace masthead::fences
