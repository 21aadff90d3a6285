// Geofences: their rules and their geometry, on a plane around the point in question.
#include "server/fences/fence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace masthead::fences {
namespace {

constexpr double kMetresPerDegree = 111'195; // of a sphere of 6371 km
constexpr double kLeastAreaM2 = 1;
constexpr std::array kRules{std::pair(Rule::keep_in, "keep_in"), std::pair(Rule::keep_out, "keep_out")};
constexpr std::array kDatums{std::pair(Datum::msl, "msl"), std::pair(Datum::hae, "hae"),
                             std::pair(Datum::agl, "agl")};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
    const auto found = std::ranges::find(table, value, [](const auto& row) { return row.first; });
    return found == table.end() ? "" : found->second;
}

template <typename Value, std::size_t n>
std::optional<Value> value_in(const std::array<std::pair<Value, const char*>, n>& table,
                              std::string_view name) {
    const auto found =
        std::ranges::find(table, name, [](const auto& row) { return std::string_view(row.second); });
    return found == table.end() ? std::nullopt : std::optional(found->first);
}

struct Flat {
    double east_m = 0;
    double north_m = 0;
};

double shrink(double latitude_deg) { return std::cos(latitude_deg * std::numbers::pi / 180); }

/// On a plane that touches the earth at `origin`: sides straight in degrees stay straight.
Flat flat(GeoPoint point, GeoPoint origin) {
    return {(point.longitude_deg - origin.longitude_deg) * kMetresPerDegree * shrink(origin.latitude_deg),
            (point.latitude_deg - origin.latitude_deg) * kMetresPerDegree};
}

/// Twice the area to the left of a -> b -> c; its sign says on which side of a -> b c lies.
double turn(GeoPoint a, GeoPoint b, GeoPoint c) {
    return (b.longitude_deg - a.longitude_deg) * (c.latitude_deg - a.latitude_deg) -
           (b.latitude_deg - a.latitude_deg) * (c.longitude_deg - a.longitude_deg);
}

bool within_box(GeoPoint a, GeoPoint b, GeoPoint point) {
    const auto [west, east] = std::minmax(a.longitude_deg, b.longitude_deg);
    const auto [south, north] = std::minmax(a.latitude_deg, b.latitude_deg);
    return point.longitude_deg >= west && point.longitude_deg <= east && point.latitude_deg >= south &&
           point.latitude_deg <= north;
}

/// Whether the sides a-b and c-d have a point in common.
bool touch(GeoPoint a, GeoPoint b, GeoPoint c, GeoPoint d) {
    const double c_side = turn(a, b, c);
    const double d_side = turn(a, b, d);
    const double a_side = turn(c, d, a);
    const double b_side = turn(c, d, b);
    if (((c_side > 0) != (d_side > 0)) && c_side != 0 && d_side != 0 && ((a_side > 0) != (b_side > 0)) &&
        a_side != 0 && b_side != 0) {
        return true;
    }
    return (c_side == 0 && within_box(a, b, c)) || (d_side == 0 && within_box(a, b, d)) ||
           (a_side == 0 && within_box(c, d, a)) || (b_side == 0 && within_box(c, d, b));
}

std::string side(std::size_t from, std::size_t sides) {
    return "the side from point " + std::to_string(from + 1) + " to point " +
           std::to_string((from + 1) % sides + 1);
}

tl::unexpected<Error> bad(const std::string& why) { return fail(Code::invalid_argument, why); }

Result<void> check_points(const std::vector<GeoPoint>& ring) {
    for (std::size_t n = 0; n < ring.size(); ++n) {
        const std::string point = "point " + std::to_string(n + 1);
        if (!(std::abs(ring[n].latitude_deg) <= 90)) {
            return bad(point +
                       " of the polygon has no latitude from -90 to 90 (GeoJSON has longitude first)");
        }
        if (!(std::abs(ring[n].longitude_deg) <= 180)) {
            return bad(point + " of the polygon has no longitude from -180 to 180; a fence over the "
                               "antimeridian must be split there into two");
        }
        if (n > 0 && ring[n] == ring[n - 1]) {
            return bad(point + " of the polygon is the same as the one before it");
        }
        if (n > 0 && std::abs(ring[n].longitude_deg - ring[n - 1].longitude_deg) > 180) {
            return bad("the polygon crosses the antimeridian between point " + std::to_string(n) + " and " +
                       point + ": split it there into two fences");
        }
    }
    return {};
}

Result<void> check_sides(const std::vector<GeoPoint>& ring) {
    const std::size_t sides = ring.size() - 1;
    for (std::size_t one = 0; one < sides; ++one) {
        // Next to each other, sides have one point in common; more than it, when one turns back on the other.
        const GeoPoint a = ring[one];
        const GeoPoint b = ring[one + 1];
        const GeoPoint next = ring[(one + 1) % sides + 1];
        const double along = (b.longitude_deg - a.longitude_deg) * (next.longitude_deg - b.longitude_deg) +
                             (b.latitude_deg - a.latitude_deg) * (next.latitude_deg - b.latitude_deg);
        if (turn(a, b, next) == 0 && along < 0) {
            return bad("the polygon turns back on itself at point " + std::to_string((one + 1) % sides + 1));
        }
        for (std::size_t other = one + 2; other < sides; ++other) {
            const bool neighbours = one == 0 && other == sides - 1;
            if (!neighbours && touch(a, b, ring[other], ring[other + 1])) {
                return bad("the polygon crosses itself: " + side(one, sides) + " and " + side(other, sides));
            }
        }
    }
    return {};
}

double length_m(const std::vector<GeoPoint>& ring) {
    double length = 0;
    for (std::size_t n = 0; n + 1 < ring.size(); ++n) {
        const Flat next = flat(ring[n + 1], ring[n]);
        length += std::hypot(next.east_m, next.north_m);
    }
    return length;
}

double area_m2(const std::vector<GeoPoint>& ring) {
    double twice = 0;
    for (std::size_t n = 0; n + 1 < ring.size(); ++n) {
        const Flat a = flat(ring[n], ring.front());
        const Flat b = flat(ring[n + 1], ring.front());
        twice += a.east_m * b.north_m - b.east_m * a.north_m;
    }
    return std::abs(twice) / 2;
}

/// From (0, 0) to the side a-b.
double distance_to(Flat a, Flat b) {
    const double east = b.east_m - a.east_m;
    const double north = b.north_m - a.north_m;
    const double length2 = east * east + north * north;
    const double part =
        length2 > 0 ? std::clamp(-(a.east_m * east + a.north_m * north) / length2, 0.0, 1.0) : 0;
    return std::hypot(a.east_m + part * east, a.north_m + part * north);
}

double depth_of(const Polygon& polygon, GeoPoint point) {
    bool inside = false;
    double nearest_m = std::numeric_limits<double>::infinity();
    for (std::size_t n = 0; n + 1 < polygon.ring.size(); ++n) {
        const Flat a = flat(polygon.ring[n], point);
        const Flat b = flat(polygon.ring[n + 1], point);
        nearest_m = std::min(nearest_m, distance_to(a, b));
        if ((a.north_m > 0) != (b.north_m > 0) &&
            a.east_m - a.north_m * (b.east_m - a.east_m) / (b.north_m - a.north_m) > 0) {
            inside = !inside;
        }
    }
    return inside ? nearest_m : -nearest_m;
}

double depth_of(const Circle& circle, GeoPoint point) {
    constexpr double kRadian = std::numbers::pi / 180;
    const double north = std::sin((point.latitude_deg - circle.center.latitude_deg) * kRadian / 2);
    const double east = std::sin((point.longitude_deg - circle.center.longitude_deg) * kRadian / 2);
    const double chord =
        north * north + shrink(point.latitude_deg) * shrink(circle.center.latitude_deg) * east * east;
    return circle.radius_m - 2 * std::asin(std::sqrt(std::min(chord, 1.0))) / kRadian * kMetresPerDegree;
}

/// How deep within the band, when that is known.
std::optional<double> depth_of(const AltitudeBand& band, const Position& position) {
    const auto altitude_m = band.datum == Datum::msl   ? position.altitude_msl_m
                            : band.datum == Datum::hae ? position.altitude_hae_m
                                                       : position.altitude_agl_m;
    if (!altitude_m) {
        return std::nullopt;
    }
    constexpr double kOpen = std::numeric_limits<double>::infinity();
    return std::min(band.min_m ? *altitude_m - *band.min_m : kOpen,
                    band.max_m ? *band.max_m - *altitude_m : kOpen);
}

} // namespace

std::string_view to_string(Rule rule) noexcept { return name_in(kRules, rule); }
std::string_view to_string(Datum datum) noexcept { return name_in(kDatums, datum); }
std::optional<Rule> parse_rule(std::string_view text) noexcept { return value_in(kRules, text); }
std::optional<Datum> parse_datum(std::string_view text) noexcept { return value_in(kDatums, text); }

Result<void> check_ring(const std::vector<GeoPoint>& ring) {
    if (ring.size() > kMostPoints) {
        return bad("the polygon has " + std::to_string(ring.size()) + " points, more than the " +
                   std::to_string(kMostPoints) + " that are allowed: point " +
                   std::to_string(kMostPoints + 1) + " and those after it are too many");
    }
    if (ring.size() < 4) {
        return bad("the polygon has " + std::to_string(ring.size()) +
                   " points: three corners at least and the first of them again at the end are wanted");
    }
    if (!(ring.front() == ring.back())) {
        return bad("the polygon is open: point " + std::to_string(ring.size()) + " must be point 1 again");
    }
    return check_points(ring).and_then([&] { return check_sides(ring); }).and_then([&]() -> Result<void> {
        return area_m2(ring) < kLeastAreaM2 ? bad("the polygon encloses no area: points 1 to " +
                                                  std::to_string(ring.size() - 1) + " lie on one line")
                                            : Result<void>();
    });
}

Result<void> check_circle(const Circle& circle) {
    const auto [latitude, longitude] = circle.center;
    if (!(std::abs(latitude) <= 90) || !(std::abs(longitude) <= 180)) {
        return bad("the circle's middle must be [longitude, latitude] from -180 to 180 and from -90 to 90");
    }
    if (!(circle.radius_m >= 1 && circle.radius_m <= kLargestRadiusM)) {
        return bad("'radius_m' must be from 1 to 200000");
    }
    const double high_deg = circle.radius_m / kMetresPerDegree;
    if (std::abs(latitude) + high_deg >= 90) {
        return bad("the circle reaches over a pole: choose a smaller radius");
    }
    const double wide_deg = high_deg / shrink(std::abs(latitude) + high_deg);
    if (std::abs(longitude) + wide_deg > 180) {
        return bad("the circle crosses the antimeridian: draw two polygons that end there instead");
    }
    return {};
}

Result<void> check_band(const AltitudeBand& band) {
    constexpr double kLowest = -1000;
    constexpr double kHighest = 50'000;
    if (!band.min_m && !band.max_m) {
        return bad("'altitude' needs 'min_m', 'max_m' or both");
    }
    for (const auto& end : {band.min_m, band.max_m}) {
        if (end && !(*end >= kLowest && *end <= kHighest)) {
            return bad("'min_m' and 'max_m' must be from -1000 to 50000");
        }
    }
    if (band.min_m && band.max_m && *band.min_m >= *band.max_m) {
        return bad("'min_m' must be below 'max_m'");
    }
    return {};
}

bool concerns(const Fence& fence, std::string_view vehicle) noexcept {
    return fence.enabled && (fence.vehicle.empty() || fence.vehicle == vehicle);
}

double depth_m(const Shape& shape, GeoPoint point) {
    return std::visit([&](const auto& one) { return depth_of(one, point); }, shape);
}

double breach_m(const Fence& fence, const Position& position) {
    double depth = depth_m(fence.shape, position.point);
    if (const auto band = fence.altitude ? depth_of(*fence.altitude, position) : std::nullopt) {
        depth = std::min(depth, *band);
    }
    return fence.rule == Rule::keep_in ? -depth : depth;
}

double room_m(const Fence& fence) {
    double room = std::numeric_limits<double>::infinity();
    if (fence.rule == Rule::keep_out) {
        return room;
    }
    if (const auto* polygon = std::get_if<Polygon>(&fence.shape)) {
        room = area_m2(polygon->ring) / length_m(polygon->ring); // no circle within it is smaller
    } else {
        room = std::get<Circle>(fence.shape).radius_m;
    }
    if (fence.altitude && fence.altitude->min_m && fence.altitude->max_m) {
        room = std::min(room, (*fence.altitude->max_m - *fence.altitude->min_m) / 2);
    }
    return room;
}

} // namespace masthead::fences
