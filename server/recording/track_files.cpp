#include "server/recording/track_files.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/ref.hpp"
#include "server/recording/klv_items.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace masthead::recording_tool {
namespace {

constexpr std::chrono::seconds kLongestStep{5};
constexpr std::size_t kMostKmlFootprints = 2000;

using Corners = std::array<GeoPoint, 4>;

struct TrackPoint {
    Utc time;
    GeoPoint place;
    std::optional<double> altitude_msl_m;
    std::optional<double> altitude_hae_m;
};
using Part = std::vector<TrackPoint>;

std::string number(double value, int decimals) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

std::string xml(const std::string& text) {
    return take_string(g_markup_escape_text(text.c_str(), static_cast<gssize>(text.size())));
}

/// `point_of` gives a sample's point, or nothing.
template <typename PointOf>
std::vector<Part> parts_of(const std::vector<Sample>& samples, const PointOf& point_of) {
    std::vector<Part> parts;
    for (const Sample& sample : samples) {
        const std::optional<TrackPoint> point = point_of(sample);
        if (!point) {
            continue;
        }
        const TrackPoint* last = parts.empty() ? nullptr : &parts.back().back();
        const bool goes_on = last && point->time > last->time && point->time - last->time <= kLongestStep &&
                             std::abs(point->place.longitude_deg - last->place.longitude_deg) <= 180;
        if (!goes_on) {
            parts.emplace_back();
        }
        parts.back().push_back(*point);
    }
    return parts;
}

std::optional<TrackPoint> vehicle_at(const Sample& sample) {
    if (!sample.latitude_deg || !sample.longitude_deg) {
        return std::nullopt;
    }
    return TrackPoint{sample.time,
                      {*sample.latitude_deg, *sample.longitude_deg},
                      sample.altitude_msl_m,
                      sample.altitude_hae_m};
}

std::optional<TrackPoint> looked_at(const Sample& sample) {
    return sample.frame_center ? std::optional(TrackPoint{sample.time, *sample.frame_center, {}, {}})
                               : std::nullopt;
}

bool all_have(const Part& part, std::optional<double> TrackPoint::*altitude) {
    return std::ranges::all_of(part, [&](const TrackPoint& point) { return (point.*altitude).has_value(); });
}

std::string kml_track(const std::string& title, const std::string& style, const std::vector<Part>& parts) {
    if (parts.empty()) {
        return {};
    }
    std::string text =
        "<Placemark><name>" + xml(title) + "</name><styleUrl>#" + style + "</styleUrl>\n<gx:MultiTrack>\n";
    for (const Part& part : parts) {
        const bool high = all_have(part, &TrackPoint::altitude_msl_m);
        text += std::string("<gx:Track><altitudeMode>") + (high ? "absolute" : "clampToGround") +
                "</altitudeMode>\n";
        for (const TrackPoint& point : part) {
            text += "<when>" + to_iso8601(point.time) + "</when>\n";
        }
        for (const TrackPoint& point : part) {
            text += "<gx:coord>" + number(point.place.longitude_deg, 7) + " " +
                    number(point.place.latitude_deg, 7) + " " + number(high ? *point.altitude_msl_m : 0, 2) +
                    "</gx:coord>\n";
        }
        text += "</gx:Track>\n";
    }
    return text + "</gx:MultiTrack>\n</Placemark>\n";
}

std::string kml_footprint(const Sample& sample, Utc until) {
    std::string ring;
    for (std::size_t i = 0; i <= 4; ++i) {
        const GeoPoint& corner = (*sample.footprint)[i % 4];
        ring += (i > 0 ? " " : "") + number(corner.longitude_deg, 7) + "," + number(corner.latitude_deg, 7);
    }
    return "<Placemark><styleUrl>#footprint</styleUrl><TimeSpan><begin>" + to_iso8601(sample.time) +
           "</begin><end>" + to_iso8601(until) +
           "</end></TimeSpan><Polygon><outerBoundaryIs><LinearRing><coordinates>" + ring +
           "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>\n";
}

std::vector<const Sample*> with_footprint(const std::vector<Sample>& points) {
    std::vector<const Sample*> found;
    for (const Sample& point : points) {
        if (point.footprint) {
            found.push_back(&point);
        }
    }
    return found;
}

std::string kml_footprints(const std::vector<Sample>& points) {
    const auto all = with_footprint(points);
    if (all.empty()) {
        return {};
    }
    const std::size_t step = (all.size() + kMostKmlFootprints - 1) / kMostKmlFootprints;
    std::string text = "<Folder><name>Footprints</name>";
    if (step > 1) {
        text += "<description>one of " + std::to_string(step) + " that were recorded</description>";
    }
    text += "\n";
    for (std::size_t i = 0; i < all.size(); i += step) {
        const Utc usual = all[i]->time + std::chrono::seconds(step);
        const Utc next = i + step < all.size() ? all[i + step]->time : usual;
        text += kml_footprint(*all[i], next > all[i]->time ? std::min(next, usual) : usual);
    }
    return text + "</Folder>\n";
}

// --- GeoJSON ---

void write_position(json::Writer& out, const GeoPoint& place, const std::optional<double>& height) {
    out.begin_array().raw(number(place.longitude_deg, 7)).raw(number(place.latitude_deg, 7));
    if (height) {
        out.raw(number(*height, 2));
    }
    out.end_array();
}

void write_track(json::Writer& out, const std::string& name, const Part& part) {
    const bool high = all_have(part, &TrackPoint::altitude_hae_m);
    const auto position = [&](const TrackPoint& point) {
        write_position(out, point.place, high ? point.altitude_hae_m : std::nullopt);
    };
    out.begin_object().member("type", "Feature").key("geometry").begin_object();
    out.member("type", part.size() > 1 ? "LineString" : "Point").key("coordinates");
    if (part.size() == 1) { // a line has two positions at least
        position(part.front());
    } else {
        out.begin_array();
        std::ranges::for_each(part, position);
        out.end_array();
    }
    out.end_object().key("properties").begin_object().member("kind", "track").member("name", name);
    out.key("coordTimes").begin_array();
    for (const TrackPoint& point : part) {
        out.value(to_iso8601(point.time));
    }
    out.end_array().key("altitude_msl_m").begin_array();
    for (const TrackPoint& point : part) {
        if (point.altitude_msl_m) {
            out.raw(number(*point.altitude_msl_m, 2));
        } else {
            out.null();
        }
    }
    out.end_array().end_object().end_object();
}

/// Counterclockwise, as RFC 7946 wants an outer ring, and unwrapped: neighbours are less than 180 degrees
/// apart.
std::vector<GeoPoint> ring_of(const Corners& corners) {
    std::vector<GeoPoint> ring(corners.begin(), corners.end());
    for (std::size_t i = 1; i < ring.size(); ++i) {
        const double step = ring[i].longitude_deg - ring[i - 1].longitude_deg;
        ring[i].longitude_deg -= step > 180 ? 360 : step < -180 ? -360 : 0;
    }
    double doubled_area = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const GeoPoint& a = ring[i];
        const GeoPoint& b = ring[(i + 1) % ring.size()];
        doubled_area += a.longitude_deg * b.latitude_deg - b.longitude_deg * a.latitude_deg;
    }
    if (doubled_area < 0) {
        std::ranges::reverse(ring);
    }
    return ring;
}

/// What of a ring lies on one side of a meridian: east of it, or west.
std::vector<GeoPoint> side_of(const std::vector<GeoPoint>& ring, double meridian_deg, bool east) {
    std::vector<GeoPoint> kept;
    const auto inside = [&](const GeoPoint& point) {
        return east ? point.longitude_deg >= meridian_deg : point.longitude_deg <= meridian_deg;
    };
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const GeoPoint& a = ring[i];
        const GeoPoint& b = ring[(i + 1) % ring.size()];
        if (inside(a)) {
            kept.push_back(a);
        }
        if (inside(a) != inside(b)) {
            const double part = (meridian_deg - a.longitude_deg) / (b.longitude_deg - a.longitude_deg);
            kept.push_back({a.latitude_deg + part * (b.latitude_deg - a.latitude_deg), meridian_deg});
        }
    }
    return kept;
}

std::vector<std::vector<GeoPoint>> cut_at_antimeridian(std::vector<GeoPoint> ring) {
    const auto [west, east] = std::ranges::minmax(ring, {}, &GeoPoint::longitude_deg);
    const double edge = east.longitude_deg > 180 ? 180 : west.longitude_deg < -180 ? -180 : 0;
    if (edge == 0) {
        return {std::move(ring)};
    }
    std::vector<std::vector<GeoPoint>> rings;
    for (const bool eastern : {false, true}) {
        auto part = side_of(ring, edge, eastern);
        const bool beyond = eastern == (edge > 0);
        for (GeoPoint& point : part) {
            point.longitude_deg -= beyond ? std::copysign(360, edge) : 0;
        }
        if (part.size() >= 3) {
            rings.push_back(std::move(part));
        }
    }
    return rings;
}

void write_ring(json::Writer& out, const std::vector<GeoPoint>& ring) {
    out.begin_array().begin_array(); // a polygon without holes
    for (const GeoPoint& corner : ring) {
        write_position(out, corner, std::nullopt);
    }
    write_position(out, ring.front(), std::nullopt);
    out.end_array().end_array();
}

void write_footprint(json::Writer& out, const std::string& name, const Sample& sample) {
    const auto rings = cut_at_antimeridian(ring_of(*sample.footprint));
    if (rings.empty()) {
        return;
    }
    out.begin_object().member("type", "Feature").key("geometry").begin_object();
    out.member("type", rings.size() > 1 ? "MultiPolygon" : "Polygon").key("coordinates");
    if (rings.size() > 1) {
        out.begin_array();
    }
    for (const auto& ring : rings) {
        write_ring(out, ring);
    }
    if (rings.size() > 1) {
        out.end_array();
    }
    out.end_object().key("properties").begin_object().member("kind", "footprint").member("name", name);
    out.member("time", to_iso8601(sample.time)).end_object().end_object();
}

} // namespace

Result<void> TrackTally::take(const ClipFrame& frame) {
    const std::int64_t second = frame.time.us / 1'000'000;
    if (frame.frame.klv.empty() || second == second_) {
        return {};
    }
    Sample sample = from_local_set(local_set_of(frame.frame.klv), frame.time);
    if ((sample.latitude_deg && sample.longitude_deg) || sample.frame_center || sample.footprint) {
        second_ = second;
        points_.push_back(std::move(sample));
    }
    return {};
}

std::string kml_of(const std::string& name, const std::vector<Sample>& points) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\" "
           "xmlns:gx=\"http://www.google.com/kml/ext/2.2\">\n<Document><name>" +
           xml(name) +
           "</name>\n<Style "
           "id=\"vehicle\"><LineStyle><color>ff00a5ff</color><width>3</width></LineStyle></Style>\n"
           "<Style id=\"looked\"><LineStyle><color>ffffffff</color><width>1</width></LineStyle></Style>\n"
           "<Style "
           "id=\"footprint\"><LineStyle><color>c0ffffff</color></LineStyle><PolyStyle><color>30ffffff</color>"
           "</PolyStyle></Style>\n" +
           kml_track("Track of " + name, "vehicle", parts_of(points, vehicle_at)) +
           kml_track("Where " + name + " looked", "looked", parts_of(points, looked_at)) +
           kml_footprints(points) + "</Document>\n</kml>\n";
}

std::string gpx_of(const std::string& name, const std::vector<Sample>& points) {
    std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"Masthead\" "
        "xmlns=\"http://www.topografix.com/GPX/1/1\">\n<trk><name>" +
        xml(name) + "</name>\n";
    for (const Part& part : parts_of(points, vehicle_at)) {
        text += "<trkseg>\n";
        for (const TrackPoint& point : part) {
            text += "<trkpt lat=\"" + number(point.place.latitude_deg, 7) + "\" lon=\"" +
                    number(point.place.longitude_deg, 7) + "\">";
            if (point.altitude_msl_m) {
                text += "<ele>" + number(*point.altitude_msl_m, 2) + "</ele>";
            }
            text += "<time>" + to_iso8601(point.time) + "</time></trkpt>\n";
        }
        text += "</trkseg>\n";
    }
    return text + "</trk>\n</gpx>\n";
}

std::string geojson_of(const std::string& name, const std::vector<Sample>& points) {
    json::Writer out;
    out.begin_object().member("type", "FeatureCollection").key("features").begin_array();
    for (const Part& part : parts_of(points, vehicle_at)) {
        write_track(out, name, part);
    }
    for (const Sample* sample : with_footprint(points)) {
        write_footprint(out, name, *sample);
    }
    return out.end_array().end_object().release() + "\n";
}

} // namespace masthead::recording_tool
