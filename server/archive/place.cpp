#include "server/archive/place.hpp"

#include "plugins/glib/json.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masthead::archive {

namespace {

constexpr double kMostLongitude_deg = 540;        // a map that was turned round the earth once says such
constexpr double kLeastMetresPerDegree = 110'500; // of latitude, on WGS 84
constexpr double kMargin_deg = 0.001;             // sides of footprints bend off those of boxes
constexpr double kNearPole_deg = 89.9;

tl::unexpected<Error> bad(const std::string& why) { return fail(Code::invalid_argument, "'area' " + why); }

std::optional<GeoPoint> position_of(const json::Value& value) {
    const auto numbers = value.items();
    if (numbers.size() < 2) {
        return std::nullopt;
    }
    const auto longitude = numbers[0].as_number();
    const auto latitude = numbers[1].as_number();
    const bool on_earth =
        longitude && latitude && std::abs(*longitude) <= kMostLongitude_deg && std::abs(*latitude) <= 90;
    return on_earth ? std::optional(GeoPoint{*latitude, *longitude}) : std::nullopt;
}

Result<std::vector<GeoPoint>> ring_of(const std::vector<json::Value>& positions) {
    if (positions.size() < 4 || positions.size() > kMostCorners) {
        return bad("must have from 4 to " + std::to_string(kMostCorners) + " positions, not " +
                   std::to_string(positions.size()));
    }
    std::vector<GeoPoint> ring;
    for (const json::Value& value : positions) {
        auto position = position_of(value);
        if (!position) {
            return bad("has a position that is not longitude, latitude: " + value.text());
        }
        if (!ring.empty()) {
            position->longitude_deg = turned(position->longitude_deg, ring.back().longitude_deg);
        }
        ring.push_back(*position);
    }
    const double round = ring.back().longitude_deg - ring.front().longitude_deg;
    if (std::abs(round) > 180) {
        return bad("goes round a pole");
    }
    if (round != 0 || ring.back().latitude_deg != ring.front().latitude_deg) {
        return bad("must end with the position it begins with");
    }
    return ring;
}

Box box_of(const Area& area) {
    const auto [west, east] = std::ranges::minmax(area.ring, {}, &GeoPoint::longitude_deg);
    const auto [south, north] = std::ranges::minmax(area.ring, {}, &GeoPoint::latitude_deg);
    return {west.longitude_deg, south.latitude_deg, east.longitude_deg, north.latitude_deg};
}

Box box_of(const Circle& circle) {
    const auto [latitude, longitude] = circle.center;
    const double high = circle.radius_m / kLeastMetresPerDegree + kMargin_deg;
    const double nearest_pole = std::min(std::abs(latitude) + high, kNearPole_deg);
    const double wide = nearest_pole < kNearPole_deg
                            ? std::min(high / std::cos(nearest_pole * std::numbers::pi / 180), 180.0)
                            : 180.0;
    return {longitude - wide, latitude - high, longitude + wide, latitude + high};
}

} // namespace

double turned(double longitude_deg, double near_deg) {
    return longitude_deg - 360 * std::floor((longitude_deg - near_deg) / 360 + 0.5);
}

Result<Area> area_of(std::string_view geojson) {
    const auto value = json::Value::parse(geojson);
    if (!value) {
        return bad("is no JSON: " + value.error().message);
    }
    const auto type = value->string("type");
    const auto rings = value->array("coordinates");
    if (!type || *type != "Polygon" || !rings) {
        return bad("must be a GeoJSON Polygon");
    }
    if (rings->items().size() != 1) {
        return bad("must be a Polygon of one ring, without holes");
    }
    auto ring = ring_of(rings->items().front().items());
    if (!ring) {
        return tl::unexpected(ring.error());
    }
    Area area{*std::move(ring)};
    const Box box = box_of(area);
    if (box.east - box.west > kLargestExtent_deg || box.north - box.south > kLargestExtent_deg) {
        return bad("is more than 90 degrees wide or high: choose a smaller one");
    }
    const double middle = (box.west + box.east) / 2;
    for (GeoPoint& corner : area.ring) {
        corner.longitude_deg += turned(middle, 0) - middle;
    }
    return area;
}

Result<Circle> circle_of(GeoPoint center, double radius_m) {
    if (std::abs(center.latitude_deg) > 90 || std::abs(center.longitude_deg) > 180) {
        return fail(Code::invalid_argument,
                    "'latitude' must be from -90 to 90 and 'longitude' from -180 to 180");
    }
    if (radius_m < 0 || radius_m > kLargestRadius_m) {
        return fail(Code::invalid_argument, "'radius' must be from 0 to 200000 (metres)");
    }
    return Circle{center, radius_m};
}

Box box_of(const Place& place) {
    return std::visit([](const auto& one) { return box_of(one); }, place);
}

} // namespace masthead::archive
