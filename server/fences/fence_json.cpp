// Geofences as openapi.yaml and GeoJSON have them.
#include "plugins/glib/json.hpp"
#include "server/fences/fence.hpp"

#include <algorithm>

namespace masthead::fences {
namespace {

constexpr std::size_t kMaxName = 100;

tl::unexpected<Error> bad(const std::string& why) { return fail(Code::invalid_argument, why); }

Result<void> only_members(const json::Value& value, std::initializer_list<std::string_view> known,
                          const std::string& what) {
    for (const std::string& name : value.names()) {
        if (std::ranges::find(known, name) == known.end()) {
            return bad(what + " has no member '" + name + "'");
        }
    }
    return {};
}

/// Absent: `otherwise`.
Result<std::string> text_in(const json::Value& value, const char* member, const char* otherwise) {
    return value.find(member) ? value.string(member) : Result<std::string>(otherwise);
}

Result<std::optional<double>> number_in(const json::Value& value, const char* member) {
    if (!value.find(member)) {
        return std::nullopt;
    }
    return value.number(member).map([](double number) { return std::optional(number); });
}

Result<GeoPoint> point_in(const json::Value& value, const std::string& what) {
    const auto numbers = value.items();
    const auto longitude = numbers.size() < 2 ? std::nullopt : numbers[0].as_number();
    const auto latitude = numbers.size() < 2 ? std::nullopt : numbers[1].as_number();
    if (!longitude || !latitude) {
        return bad(what + " is not [longitude, latitude]: " + value.text());
    }
    return GeoPoint{*latitude, *longitude};
}

Result<Shape> polygon_in(const json::Value& geometry) {
    const auto rings = geometry.array("coordinates");
    if (!rings || rings->items().size() != 1) {
        return bad("'geometry' must be a Polygon of one ring; for a hole in it add a keep-out fence");
    }
    Polygon polygon;
    for (const json::Value& position : rings->items().front().items()) {
        const auto point =
            point_in(position, "point " + std::to_string(polygon.ring.size() + 1) + " of the polygon");
        if (!point) {
            return tl::unexpected(point.error());
        }
        polygon.ring.push_back(*point);
    }
    return Shape(std::move(polygon));
}

Result<Shape> shape_of(const json::Value& geometry, std::optional<double> radius_m) {
    const auto type = geometry.string("type");
    if (type && *type == "Polygon") {
        return radius_m ? bad("'radius_m' belongs to a Point, not to a Polygon") : polygon_in(geometry);
    }
    if (!type || *type != "Point") {
        return bad("'geometry' must be a GeoJSON Polygon, or a Point with 'radius_m' for a circle");
    }
    if (!radius_m) {
        return bad("a Point needs 'radius_m'");
    }
    const auto coordinates = geometry.array("coordinates");
    if (!coordinates) {
        return tl::unexpected(coordinates.error());
    }
    return point_in(*coordinates, "the circle's middle").map([&](GeoPoint center) {
        return Shape(Circle{center, *radius_m});
    });
}

Result<void> check(const Shape& shape) {
    const auto* polygon = std::get_if<Polygon>(&shape);
    return polygon ? check_ring(polygon->ring) : check_circle(std::get<Circle>(shape));
}

Result<AltitudeBand> band_in(const json::Value& value) {
    const auto text = value.string("datum");
    const auto datum = text ? parse_datum(*text) : std::nullopt;
    if (!datum) {
        return bad("'altitude' needs 'datum': msl, hae or agl");
    }
    const auto min_m = number_in(value, "min_m");
    const auto max_m = number_in(value, "max_m");
    if (!min_m || !max_m) {
        return tl::unexpected(!min_m ? min_m.error() : max_m.error());
    }
    const AltitudeBand band{*datum, *min_m, *max_m};
    return only_members(value, {"datum", "min_m", "max_m"}, "'altitude'")
        .and_then([&] { return check_band(band); })
        .map([&] { return band; });
}

void write_position(json::Writer& out, GeoPoint point) {
    out.begin_array().value(point.longitude_deg).value(point.latitude_deg).end_array();
}

} // namespace

Result<Fence> parse_fence(std::string_view json) {
    const auto value = json::Value::parse(json);
    if (!value) {
        return tl::unexpected(value.error());
    }
    if (auto known = only_members(
            *value, {"name", "rule", "vehicle", "enabled", "geometry", "radius_m", "altitude"}, "a geofence");
        !known) {
        return tl::unexpected(known.error());
    }
    const auto name = value->string("name");
    const auto rule = value->string("rule");
    const auto vehicle = text_in(*value, "vehicle", "");
    for (const auto* text : {&name, &rule, &vehicle}) {
        if (!*text) {
            return tl::unexpected(text->error());
        }
    }
    if (name->empty() || name->size() > kMaxName) {
        return bad("'name' must have from 1 to 100 bytes");
    }
    if (!parse_rule(*rule)) {
        return bad("'rule' must be keep_in or keep_out");
    }
    const auto enabled = value->find("enabled") ? value->boolean("enabled") : Result<bool>(true);
    const auto geometry = value->object("geometry");
    const auto radius_m = number_in(*value, "radius_m");
    if (!enabled || !geometry || !radius_m) {
        return tl::unexpected(!enabled ? enabled.error() : !geometry ? geometry.error() : radius_m.error());
    }
    auto shape = shape_of(*geometry, *radius_m);
    if (auto checked = shape ? check(*shape) : tl::unexpected(shape.error()); !checked) {
        return tl::unexpected(checked.error());
    }
    Fence fence{.id = {},
                .name = *name,
                .rule = *parse_rule(*rule),
                .vehicle = *vehicle,
                .enabled = *enabled,
                .shape = *std::move(shape),
                .altitude = {}};
    if (value->find("altitude")) {
        auto band = value->object("altitude").and_then(band_in);
        if (!band) {
            return tl::unexpected(band.error());
        }
        fence.altitude = *band;
    }
    return fence;
}

std::string geometry_json(const Shape& shape) {
    json::Writer out;
    out.begin_object();
    if (const auto* polygon = std::get_if<Polygon>(&shape)) {
        out.member("type", "Polygon").key("coordinates").begin_array().begin_array();
        for (const GeoPoint& point : polygon->ring) {
            write_position(out, point);
        }
        out.end_array().end_array();
    } else {
        out.member("type", "Point").key("coordinates");
        write_position(out, std::get<Circle>(shape).center);
    }
    return out.end_object().release();
}

Result<Shape> shape_from(std::string_view geometry, std::optional<double> radius_m) {
    return json::Value::parse(geometry).and_then(
        [&](const json::Value& value) { return shape_of(value, radius_m); });
}

std::string to_json(const Fence& fence) {
    json::Writer out;
    out.begin_object().member("id", fence.id).member("name", fence.name);
    out.member("rule", to_string(fence.rule));
    if (!fence.vehicle.empty()) {
        out.member("vehicle", fence.vehicle);
    }
    out.member("enabled", fence.enabled).key("geometry").raw(geometry_json(fence.shape));
    if (const auto* circle = std::get_if<Circle>(&fence.shape)) {
        out.member("radius_m", circle->radius_m);
    }
    if (fence.altitude) {
        out.key("altitude").begin_object().member("datum", to_string(fence.altitude->datum));
        out.member("min_m", fence.altitude->min_m).member("max_m", fence.altitude->max_m).end_object();
    }
    return out.end_object().release();
}

} // namespace masthead::fences
